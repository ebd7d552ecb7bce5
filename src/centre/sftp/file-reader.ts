/** Read from the store at a time. 64 KiB would give two fifths of the throughput. */
const BLOCK_BYTES = 1024 * 1024;

/** Pairs of first and last byte, both included, in order and apart from each other. */
export type Ranges = readonly (readonly [number, number])[];

export interface FileReader {
  /**
   * The bytes there, good until the next read, which has to wait for this one; fewer at the file's end, null after it.
   * Rejects with what the store fails with.
   */
  read(offset: number, length: number): Promise<Buffer | null>;
  ranges(): Ranges;
  /** Whether every byte was read. */
  isWhole(): boolean;
}

/** Memory for one block after the other: what a packet is cut from is not new each time, so nobody has to collect it. */
interface Slab {
  readonly bytes: Buffer;
  /** Which block is in it, or on the way; null after a failure. */
  index: number | null;
  filled: Promise<void>;
}

/**
 * Serves the small reads of one SFTP handle, wherever they fall, from blocks of a file: the one that is being read, and
 * the next as soon as reads follow each other. So a handle holds two blocks at most, whatever the file's size.
 */
export function createFileReader(sizeBytes: number, fill: (first: number, into: Buffer) => Promise<void>): FileReader {
  /** A block goes into the slab of its parity, so neighbours are never in each other's way. */
  const slabs: Slab[] = [];
  const ranges: [number, number][] = [];
  let read = 0;
  let expected = 0;

  function slabOf(index: number): Slab {
    const known = slabs[index % 2];
    if (known) return known;
    const made = {
      bytes: Buffer.allocUnsafe(Math.min(BLOCK_BYTES, sizeBytes)),
      index: null,
      filled: Promise.resolve(),
    };
    slabs[index % 2] = made;
    return made;
  }

  async function block(index: number): Promise<Buffer> {
    const slab = slabOf(index);
    if (slab.index !== index) {
      const first = index * BLOCK_BYTES;
      const into = slab.bytes.subarray(0, Math.min(BLOCK_BYTES, sizeBytes - first));
      // What is on its way into this slab may not be wanted any more, but it comes.
      slab.filled = slab.filled.catch(() => undefined).then(() => fill(first, into));
      slab.index = index;
    }
    try {
      await slab.filled;
    } catch (error) {
      if (slab.index === index) slab.index = null;
      throw error;
    }
    return slab.bytes;
  }

  /** From several blocks: a copy, for the third would take the first one's place. */
  async function across(offset: number, end: number): Promise<Buffer> {
    const bytes = Buffer.allocUnsafe(end - offset);
    for (let at = offset; at < end; ) {
      const start = at - (at % BLOCK_BYTES);
      at += (await block(start / BLOCK_BYTES)).copy(bytes, at - offset, at - start, Math.min(end - start, BLOCK_BYTES));
    }
    return bytes;
  }

  return {
    async read(offset, length) {
      if (!Number.isSafeInteger(offset) || offset >= sizeBytes || length === 0) return null;
      const end = Math.min(offset + length, sizeBytes);
      const [from, to] = [Math.floor(offset / BLOCK_BYTES), Math.floor((end - 1) / BLOCK_BYTES)];
      const follows = offset === expected;
      expected = end;
      const bytes =
        from === to
          ? (await block(from)).subarray(offset - from * BLOCK_BYTES, end - from * BLOCK_BYTES)
          : await across(offset, end);
      // Whoever waits for it is told; one that was fetched ahead may never be waited for.
      if (follows && (to + 1) * BLOCK_BYTES < sizeBytes) block(to + 1).catch(() => undefined);
      read += addRange(ranges, offset, end - 1);
      return bytes;
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
