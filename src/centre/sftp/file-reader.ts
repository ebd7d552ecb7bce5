/** Read from the store at a time. With 64 KiB the throughput would be two fifths. */
const BLOCK_BYTES = 1024 * 1024;

export interface FileReader {
  /**
   * The bytes at `offset`, valid until the next read, which has to wait for this one; fewer at the file's end, null after
   * it. Rejects with the store's error.
   */
  read(offset: number, length: number): Promise<Buffer | null>;
}

/** A buffer that is reused for one block after another, to spare the garbage collector. */
interface BlockBuffer {
  readonly bytes: Buffer;
  /** The block that it holds or is being filled with; null after a failure. */
  index: number | null;
  filled: Promise<void>;
}

/**
 * Serves the small reads of one SFTP handle, at any offset, from blocks of the file: the current one, and the next once
 * reads are sequential. So a handle holds at most two blocks, whatever the file's size.
 */
export function createFileReader(sizeBytes: number, fill: (first: number, into: Buffer) => Promise<void>): FileReader {
  /** Even and odd blocks have a buffer each, so neighbours never share one. */
  const buffers: BlockBuffer[] = [];
  let expected = 0;

  function bufferOf(index: number): BlockBuffer {
    const known = buffers[index % 2];
    if (known) return known;
    const made = {
      bytes: Buffer.allocUnsafe(Math.min(BLOCK_BYTES, sizeBytes)),
      index: null,
      filled: Promise.resolve(),
    };
    buffers[index % 2] = made;
    return made;
  }

  async function block(index: number): Promise<Buffer> {
    const buffer = bufferOf(index);
    if (buffer.index !== index) {
      const first = index * BLOCK_BYTES;
      const into = buffer.bytes.subarray(0, Math.min(BLOCK_BYTES, sizeBytes - first));
      // An earlier fill of this buffer may still be under way: wait for it, needed or not.
      buffer.filled = buffer.filled.catch(() => undefined).then(() => fill(first, into));
      buffer.index = index;
    }
    try {
      await buffer.filled;
    } catch (error) {
      if (buffer.index === index) buffer.index = null;
      throw error;
    }
    return buffer.bytes;
  }

  /** Bytes that span blocks: copied, since a third block would overwrite the first. */
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
      // The read that needs this block gets its error; a block that was fetched ahead may never be needed.
      if (follows && (to + 1) * BLOCK_BYTES < sizeBytes) block(to + 1).catch(() => undefined);
      return bytes;
    },
  };
}
