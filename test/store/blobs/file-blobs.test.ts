import { linkSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { BlobDamaged } from '../../../src/store/blobs/blobs.ts';
import { FileBlobs, type HealedBlob } from '../../../src/store/blobs/file-blobs.ts';
import { MemoryBlobs } from '../../../src/store/blobs/memory-blobs.ts';
import { blobsContract, chunksOf, sha256 } from './blobs.contract.ts';

const disk = vi.hoisted(() => ({ full: false }));
vi.mock('node:fs/promises', async (importOriginal) => {
  const real = await importOriginal<typeof import('node:fs/promises')>();
  const failure = (code: string) => Promise.reject(Object.assign(new Error(`${code}: no`), { code }));
  return {
    ...real,
    async open(...args: Parameters<typeof real.open>) {
      const handle: FileHandle = await real.open(...args);
      if (disk.full) handle.write = () => failure('ENOSPC');
      return handle;
    },
  };
});

const folder = mkdtempSync(join(tmpdir(), 'file-blobs-'));
afterAll(() => rmSync(folder, { recursive: true }));
let folders = 0;
const newFolder = () => join(folder, String(++folders), 'blobs');
const textOf = async (stream: AsyncIterable<Uint8Array>) => String(Buffer.concat(await Array.fromAsync(stream)));
const openNew = async () => (await FileBlobs.open(newFolder())).blobs;

blobsContract('in files', openNew, async () => new MemoryBlobs());

describe('blobs in files', () => {
  test('are there after reopening; files that a crash left unfinished are removed and counted', async () => {
    const dir = newFolder();
    const first = await FileBlobs.open(dir);
    expect(first.leftovers).toBe(0);
    await first.blobs.put(chunksOf('whole'));
    writeFileSync(join(dir, 'incoming-4711-1'), 'half');
    writeFileSync(join(dir, 'incoming-4711-2'), '');
    const second = await FileBlobs.open(dir);
    expect(second.leftovers).toBe(2);
    expect(readdirSync(dir)).toEqual([sha256('whole')]);
    expect(await second.blobs.has(sha256('whole'))).toBe(true);
  });

  test('a full disk rejects with ENOSPC and leaves no file', async () => {
    const dir = newFolder();
    const { blobs } = await FileBlobs.open(dir);
    disk.full = true;
    try {
      await expect(blobs.put(chunksOf('too much'))).rejects.toMatchObject({ code: 'ENOSPC' });
    } finally {
      disk.full = false;
    }
    expect(readdirSync(dir)).toEqual([]);
    await blobs.put(chunksOf('too much'));
  });

  test('a failed stream leaves no file', async () => {
    const dir = newFolder();
    const { blobs } = await FileBlobs.open(dir);
    const cut = (async function* () {
      yield Buffer.from('half');
      throw new Error('reset');
    })();
    await expect(blobs.put(cut)).rejects.toThrow('reset');
    expect(readdirSync(dir)).toEqual([]);
  });

  test('a copy is a file of its own: damage to one leaves the other whole', async () => {
    const [one, two] = [newFolder(), newFolder()];
    const { blobs: source } = await FileBlobs.open(one);
    const { sha256: sha } = await source.put(chunksOf('bytes'));
    const { blobs: copy } = await FileBlobs.open(two);
    expect(await copy.copyFrom(source, sha)).toBe(true);
    writeFileSync(join(one, sha), 'bites');
    expect(await textOf(copy.open(sha))).toBe('bytes');
    expect(readdirSync(two)).toEqual([sha]);
  });

  test('what both centres shared by a hard link is taken apart', async () => {
    const [one, two] = [newFolder(), newFolder()];
    const { sha256: sha } = await (await FileBlobs.open(one)).blobs.put(chunksOf('bytes'));
    const { blobs } = await FileBlobs.open(two);
    linkSync(join(one, sha), join(two, sha));
    await blobs.unshare();
    expect(statSync(join(two, sha)).nlink).toBe(1);
    expect(await textOf(blobs.open(sha))).toBe('bytes');
    expect(readdirSync(two)).toEqual([sha]);
  });
});

describe('a blob on the disk that is damaged', () => {
  /** Two centres after a restart, and what they healed. */
  async function twoCentres() {
    const folders = { primary: newFolder(), backup: newFolder() };
    const before = (await FileBlobs.open(folders.primary)).blobs;
    const { sha256: sha } = await before.put(chunksOf('0123456789'));
    await (await FileBlobs.open(folders.backup)).blobs.copyFrom(before, sha);
    const primary = (await FileBlobs.open(folders.primary)).blobs;
    const backup = (await FileBlobs.open(folders.backup)).blobs;
    const healed: HealedBlob[] = [];
    primary.healFrom(backup, (one) => void healed.push(one));
    backup.healFrom(primary, (one) => void healed.push(one));
    return { primary, backup, healed, sha, file: join(folders.primary, sha), other: join(folders.backup, sha) };
  }
  const READS = {
    open: async (blobs: FileBlobs, sha: string) => textOf(blobs.open(sha, 2, 4)),
    fill: async (blobs: FileBlobs, sha: string) => {
      const into = Buffer.alloc(3);
      await blobs.fill(sha, 2, into);
      return String(into);
    },
  };

  test.each(['open', 'fill'] as const)(
    '%s heals it from the other centre and sets the damaged file aside',
    async (read) => {
      const { primary, healed, sha, file } = await twoCentres();
      writeFileSync(file, '0123456780');
      expect(await READS[read](primary, sha)).toBe('234');
      expect(readFileSync(file, 'utf8')).toBe('0123456789');
      expect(readFileSync(`${file}.damaged-1`, 'utf8')).toBe('0123456780');
      expect(healed).toEqual([{ file, setAside: `${file}.damaged-1` }]);
    },
  );

  test.each(['open', 'fill'] as const)('%s brings a missing one back', async (read) => {
    const { primary, healed, sha, file } = await twoCentres();
    rmSync(file);
    expect(await Promise.all([READS[read](primary, sha), READS[read](primary, sha)])).toEqual(['234', '234']);
    expect(readFileSync(file, 'utf8')).toBe('0123456789');
    expect(healed).toEqual([{ file, setAside: null }]);
  });

  test('at both centres: every read fails and names both files, which stay as they are', async () => {
    const { primary, healed, sha, file, other } = await twoCentres();
    writeFileSync(file, '');
    writeFileSync(other, '0123456780');
    for (const read of Object.values(READS)) await expect(read(primary, sha)).rejects.toThrow(BlobDamaged);
    await expect(primary.check(sha)).rejects.toThrow(`restore ${file} or ${other}`);
    expect([readFileSync(file, 'utf8'), readFileSync(other, 'utf8')]).toEqual(['', '0123456780']);
    expect(healed).toEqual([]);
    writeFileSync(other, '0123456789');
    expect(await READS.open(primary, sha)).toBe('234');
  });

  test('is not copied to the other centre', async () => {
    const { primary, sha, file, other } = await twoCentres();
    rmSync(other);
    writeFileSync(file, '0123456780');
    const { blobs: third } = await FileBlobs.open(newFolder());
    await expect(third.copyFrom(primary, sha)).rejects.toThrow(BlobDamaged);
    expect(await third.has(sha)).toBe(false);
  });
});

describe('names of blobs', () => {
  test('a name that is not a SHA-256 reaches no file', async () => {
    const { blobs } = await FileBlobs.open(newFolder());
    expect(await blobs.has('../../etc/passwd')).toBe(false);
    expect(() => blobs.open('../secret')).toThrow('no blob');
  });
});
