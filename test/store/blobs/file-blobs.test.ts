import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { FileBlobs } from '../../../src/store/blobs/file-blobs.ts';
import { MemoryBlobs } from '../../../src/store/blobs/memory-blobs.ts';
import { blobsContract, chunksOf, sha256 } from './blobs.contract.ts';

const disk = vi.hoisted(() => ({ full: false, links: true }));
vi.mock('node:fs/promises', async (importOriginal) => {
  const real = await importOriginal<typeof import('node:fs/promises')>();
  const failure = (code: string) => Promise.reject(Object.assign(new Error(`${code}: no`), { code }));
  return {
    ...real,
    link: (from: string, to: string) => (disk.links ? real.link(from, to) : failure('EXDEV')),
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

  test('share the bytes by a hard link, or copy them where there is none', async () => {
    const [one, two, three] = [newFolder(), newFolder(), newFolder()];
    const { blobs: source } = await FileBlobs.open(one);
    const { sha256: sha } = await source.put(chunksOf('bytes'));
    expect(await (await FileBlobs.open(two)).blobs.copyFrom(source, sha)).toBe(true);
    expect(statSync(join(two, sha)).ino).toBe(statSync(join(one, sha)).ino);
    disk.links = false;
    try {
      expect(await (await FileBlobs.open(three)).blobs.copyFrom(source, sha)).toBe(true);
    } finally {
      disk.links = true;
    }
    expect(statSync(join(three, sha)).ino).not.toBe(statSync(join(one, sha)).ino);
    expect(readdirSync(three)).toEqual([sha]);
  });

  test('a name that is not a SHA-256 reaches no file', async () => {
    const { blobs } = await FileBlobs.open(newFolder());
    expect(await blobs.has('../../etc/passwd')).toBe(false);
    expect(() => blobs.open('../secret')).toThrow('no blob');
  });
});
