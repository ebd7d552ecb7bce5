import { BLOCK_BYTES, type Block, type MemoryUse } from './memory-budget.ts';

export interface FileReader {
  /**
   * The bytes at `offset`, valid until `done`, which has to come before the next read; fewer at the file's end, null after
   * it. Rejects with the store's error.
   */
  read(offset: number, length: number): Promise<Buffer | null>;
  /** The bytes of the last read are no longer needed. */
  done(): void;
  /** Gives the buffers back. */
  end(): void;
}

/** A buffer that is reused for one block after another, to spare the garbage collector. */
interface BlockBuffer {
  readonly block: Block;
  /** The block of the file that it holds or is being filled with; null after a failure. */
  index: number | null;
  filled: Promise<void>;
}

/**
 * Serves the small reads of one SFTP handle, at any offset, from blocks of a MiB: the current one, and the next once reads
 * are sequential (with 64 KiB the throughput would be two fifths). So a handle holds at most two, whatever the file's
 * size; while it is idle the budget may take them away, and where it has none left the bytes are read without.
 */
export function createFileReader(
  sizeBytes: number,
  fill: (first: number, into: Buffer) => Promise<void>,
  memory: Pick<MemoryUse, 'lease' | 'giveBack'>,
): FileReader {
  /** Even and odd blocks have a buffer each, so neighbours never share one. */
  const buffers: (BlockBuffer | undefined)[] = [];
  let current: Block | null = null;
  let expected = 0;

  function bufferOf(index: number): BlockBuffer | null {
    const known = buffers[index % 2];
    if (known) return known;
    const block = memory.lease(Math.min(BLOCK_BYTES, sizeBytes), () => {
      buffers[index % 2] = undefined;
    });
    if (!block) return null;
    const made = { block, index: null, filled: Promise.resolve() };
    buffers[index % 2] = made;
    return made;
  }

  /** The bytes of a block of the file; it is in use until they are there. Null without a buffer for it. */
  async function fetched(index: number): Promise<Block | null> {
    const buffer = bufferOf(index);
    if (!buffer) return null;
    const { block } = buffer;
    block.uses++;
    if (buffer.index !== index) {
      const first = index * BLOCK_BYTES;
      const into = block.bytes.subarray(0, Math.min(BLOCK_BYTES, sizeBytes - first));
      // An earlier fill of this buffer may still be under way: wait for it, needed or not.
      buffer.filled = buffer.filled.catch(() => undefined).then(() => fill(first, into));
      buffer.index = index;
    }
    try {
      await buffer.filled;
      return block;
    } catch (error) {
      if (buffer.index === index) buffer.index = null;
      throw error;
    } finally {
      block.uses--;
    }
  }

  async function unbuffered(offset: number, end: number): Promise<Buffer> {
    const bytes = Buffer.allocUnsafe(end - offset);
    await fill(offset, bytes);
    return bytes;
  }

  async function within(index: number, offset: number, end: number): Promise<Buffer> {
    const block = await fetched(index);
    if (!block) return unbuffered(offset, end);
    block.uses++;
    current = block;
    return block.bytes.subarray(offset - index * BLOCK_BYTES, end - index * BLOCK_BYTES);
  }

  /** Bytes that span blocks: copied, since a third block would overwrite the first. */
  async function across(offset: number, end: number): Promise<Buffer> {
    const bytes = Buffer.allocUnsafe(end - offset);
    for (let at = offset; at < end; ) {
      const start = at - (at % BLOCK_BYTES);
      const block = await fetched(start / BLOCK_BYTES);
      if (!block) return unbuffered(offset, end);
      at += block.bytes.copy(bytes, at - offset, at - start, Math.min(end - start, BLOCK_BYTES));
    }
    return bytes;
  }

  function done(): void {
    if (current) current.uses--;
    current = null;
  }

  return {
    async read(offset, length) {
      if (!Number.isSafeInteger(offset) || offset >= sizeBytes || length === 0) return null;
      const end = Math.min(offset + length, sizeBytes);
      const [from, to] = [Math.floor(offset / BLOCK_BYTES), Math.floor((end - 1) / BLOCK_BYTES)];
      const follows = offset === expected;
      expected = end;
      const bytes = from === to ? await within(from, offset, end) : await across(offset, end);
      // The read that needs this block gets its error; a block that was fetched ahead may never be needed.
      if (follows && (to + 1) * BLOCK_BYTES < sizeBytes) fetched(to + 1).catch(() => undefined);
      return bytes;
    },
    done,
    end() {
      done();
      for (const buffer of buffers.splice(0)) if (buffer) memory.giveBack(buffer.block);
    },
  };
}
