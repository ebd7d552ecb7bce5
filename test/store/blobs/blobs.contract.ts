import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import type { Blobs } from '../../../src/store/blobs/blobs.ts';

export async function* chunksOf(...chunks: string[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}
export const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const ABSENT = sha256('absent');

/** What every blob store must do. `openOther` opens one of another kind. */
export function blobsContract(name: string, open: () => Promise<Blobs>, openOther: () => Promise<Blobs>): void {
  const read = async (blobs: Blobs, sha: string, start?: number, end?: number) =>
    (await buffer(blobs.open(sha, start, end))).toString();

  describe(`blobs ${name}`, () => {
    test('are stored under the SHA-256 of their bytes', async () => {
      const blobs = await open();
      const kept = await blobs.put(chunksOf('a settlement', ' instruction'));
      expect(kept).toEqual({ sha256: sha256('a settlement instruction'), sizeBytes: 24 });
      expect(await blobs.has(kept.sha256)).toBe(true);
      expect(await read(blobs, kept.sha256)).toBe('a settlement instruction');
      expect(await blobs.has(ABSENT)).toBe(false);
    });

    test('may be empty', async () => {
      const blobs = await open();
      expect(await blobs.put(chunksOf())).toEqual({ sha256: sha256(''), sizeBytes: 0 });
      expect(await read(blobs, sha256(''))).toBe('');
    });

    test('are read in ranges, both ends included', async () => {
      const blobs = await open();
      const { sha256: sha } = await blobs.put(chunksOf('0123456789'));
      expect(await read(blobs, sha, 2, 4)).toBe('234');
      expect(await read(blobs, sha, 7)).toBe('789');
      expect(await read(blobs, sha, 0, 0)).toBe('0');
      expect(await read(blobs, sha, 8, 99)).toBe('89');
      expect(await read(blobs, sha, 10)).toBe('');
    });

    test('fill a buffer from any position, and reject if they end before it is full', async () => {
      const blobs = await open();
      const { sha256: sha } = await blobs.put(chunksOf('01', '234', '5', '6789'));
      const into = Buffer.alloc(4);
      await blobs.fill(sha, 3, into);
      expect(into.toString()).toBe('3456');
      await blobs.fill(sha, 6, into);
      expect(into.toString()).toBe('6789');
      await expect(blobs.fill(sha, 7, into)).rejects.toThrow('is too short');
      await expect(blobs.fill(ABSENT, 0, into)).rejects.toMatchObject({ code: 'ENOENT' });
    });

    test('are read in slices of at most 1 MiB', async () => {
      const blobs = await open();
      const mebibyte = 'x'.repeat(1024 * 1024);
      const { sha256: sha } = await blobs.put(chunksOf(mebibyte, mebibyte, 'y'));
      const sizes: number[] = [];
      for await (const slice of blobs.open(sha)) sizes.push((slice as Buffer).length);
      expect(Math.max(...sizes)).toBe(1024 * 1024);
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(2 * 1024 * 1024 + 1);
    });

    test('the same content twice, also at the same time, is one blob', async () => {
      const blobs = await open();
      const kept = await Promise.all([blobs.put(chunksOf('same')), blobs.put(chunksOf('sa', 'me'))]);
      await blobs.put(chunksOf('same'));
      expect(kept[0]).toEqual(kept[1]);
      expect(await read(blobs, sha256('same'))).toBe('same');
    });

    test('a stream that fails leaves nothing behind', async () => {
      const blobs = await open();
      const cut = (async function* () {
        yield Buffer.from('half');
        throw new Error('connection reset');
      })();
      await expect(blobs.put(cut)).rejects.toThrow('connection reset');
      expect(await blobs.has(sha256('half'))).toBe(false);
    });

    test('the sender may reuse its buffer afterwards', async () => {
      const blobs = await open();
      const reused = Buffer.from('first');
      const { sha256: sha } = await blobs.put(
        (async function* () {
          yield reused;
          reused.write('openOther');
        })(),
      );
      expect(await read(blobs, sha)).toBe('first');
    });

    test('reading an absent blob fails', async () => {
      await expect(read(await open(), ABSENT)).rejects.toMatchObject({ code: 'ENOENT' });
    });

    for (const [kind, openSource] of [
      ['the same', open],
      ['another', openOther],
    ] as const) {
      test(`are copied from a store of ${kind} kind`, async () => {
        const [blobs, source] = [await open(), await openSource()];
        const { sha256: sha } = await source.put(chunksOf('shipped'));
        expect(await blobs.copyFrom(source, sha)).toBe(true);
        expect(await blobs.copyFrom(source, sha)).toBe(true);
        expect(await read(blobs, sha)).toBe('shipped');
        expect(await blobs.copyFrom(source, ABSENT)).toBe(false);
        expect(await blobs.has(ABSENT)).toBe(false);
      });
    }
  });
}
