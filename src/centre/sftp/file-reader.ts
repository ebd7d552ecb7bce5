import type { Readable } from 'node:stream';

/** Read from the store at a time. 64 KiB would give two fifths of the throughput. */
const BLOCK_BYTES = 1024 * 1024;

/** Pairs of first and last byte, both included, in order and apart from each other. */
export type Ranges = readonly (readonly [number, number])[];

export interface FileReader {
  /** The bytes there; fewer at the file's end, null after it. Rejects with what the store fails with. */
  read(offset: number, length: number): Promise<Buffer | null>;
  ranges(): Ranges;
  /** Whether every byte was read. */
  isWhole(): boolean;
}

/**
 * Serves the small reads of one SFTP handle, wherever they fall, from blocks of a file: the one that is being read, and
 * the next as soon as reads follow each other. So a handle holds two blocks at most, whatever the file's size.
 */
export function createFileReader(sizeBytes: number, open: (first: number, last: number) => Readable): FileReader {
  const blocks = new Map<number, Promise<Buffer>>();
  const ranges: [number, number][] = [];
  let read = 0;
  let expected = 0;

  function block(index: number): Promise<Buffer> {
    const known = blocks.get(index);
    if (known) return known;
    const first = index * BLOCK_BYTES;
    const bytes = wholeOf(open(first, Math.min(first + BLOCK_BYTES, sizeBytes) - 1));
    // Whoever waits for it is told; one that was fetched ahead may never be waited for.
    bytes.catch(() => blocks.delete(index));
    blocks.set(index, bytes);
    return bytes;
  }

  return {
    async read(offset, length) {
      if (!Number.isSafeInteger(offset) || offset >= sizeBytes || length === 0) return null;
      const end = Math.min(offset + length, sizeBytes);
      const [from, to] = [Math.floor(offset / BLOCK_BYTES), Math.floor((end - 1) / BLOCK_BYTES)];
      const follows = offset === expected;
      expected = end;
      for (const index of blocks.keys()) if (index < from || index > to + 1) blocks.delete(index);
      const pieces: Buffer[] = [];
      for (let index = from; index <= to; index++) {
        const start = index * BLOCK_BYTES;
        pieces.push((await block(index)).subarray(Math.max(offset - start, 0), end - start));
      }
      if (follows && (to + 1) * BLOCK_BYTES < sizeBytes) void block(to + 1);
      read += addRange(ranges, offset, end - 1);
      return pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces);
    },
    ranges: () => ranges,
    isWhole: () => read === sizeBytes,
  };
}

/** Adds a range and joins what then touches. Answers how many bytes were not in any range before. */
export function addRange(ranges: [number, number][], first: number, last: number): number {
  const before = ranges.at(-1);
  // Nearly always: one read follows the other.
  if (before && before[1] + 1 === first) {
    before[1] = last;
    return last - first + 1;
  }
  let at = ranges.length;
  while (at > 0 && (ranges[at - 1]?.[1] ?? 0) >= first - 1) at--;
  let until = at;
  let had = 0;
  let [from, to] = [first, last];
  for (let range = ranges[until]; range && range[0] <= last + 1; range = ranges[++until]) {
    had += range[1] - range[0] + 1;
    from = Math.min(from, range[0]);
    to = Math.max(to, range[1]);
  }
  ranges.splice(at, until - at, [from, to]);
  return to - from + 1 - had;
}

async function wholeOf(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
}
