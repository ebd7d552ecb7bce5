import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { type Blobs, endsEarly, noSuchBlob, type StoredBlob } from './blobs.ts';

const SLICE_BYTES = 1024 * 1024;

/** Blobs in memory, each in the chunks that it arrived in: joining them would need the memory twice. */
export class MemoryBlobs implements Blobs {
  readonly #blobs = new Map<string, readonly Uint8Array[]>();

  async put(bytes: AsyncIterable<Uint8Array>): Promise<StoredBlob> {
    const hash = createHash('sha256');
    const chunks: Uint8Array[] = [];
    let sizeBytes = 0;
    for await (const chunk of bytes) {
      hash.update(chunk);
      sizeBytes += chunk.length;
      // A copy, because the sender may reuse its buffer.
      chunks.push(Buffer.from(chunk));
    }
    const sha256 = hash.digest('hex');
    if (!this.#blobs.has(sha256)) this.#blobs.set(sha256, chunks);
    return { sha256, sizeBytes };
  }

  async has(sha256: string): Promise<boolean> {
    return this.#blobs.has(sha256);
  }

  async check(sha256: string): Promise<void> {
    if (!this.#blobs.has(sha256)) throw noSuchBlob(sha256);
  }

  open(sha256: string, start = 0, end = Number.POSITIVE_INFINITY): Readable {
    const chunks = this.#blobs.get(sha256);
    if (!chunks) return new Readable({ read: (): void => {} }).destroy(noSuchBlob(sha256));
    return Readable.from(slices(chunks, start, end + 1), { objectMode: false });
  }

  async fill(sha256: string, first: number, into: Buffer): Promise<void> {
    const chunks = this.#blobs.get(sha256);
    if (!chunks) throw noSuchBlob(sha256);
    let passed = 0;
    let at = 0;
    for (const part of chunks) {
      const from = first + at - passed;
      passed += part.length;
      if (from >= part.length) continue;
      const wanted = part.subarray(from, from + into.length - at);
      into.set(wanted, at);
      at += wanted.length;
      if (at === into.length) return;
    }
    throw endsEarly(sha256);
  }

  async copyFrom(other: Blobs, sha256: string): Promise<boolean> {
    if (this.#blobs.has(sha256)) return true;
    if (!(other instanceof MemoryBlobs)) {
      if (!(await other.has(sha256))) return false;
      await this.put(other.open(sha256));
      return this.#blobs.has(sha256);
    }
    const chunks = other.#blobs.get(sha256);
    if (chunks) this.#blobs.set(sha256, chunks);
    return chunks !== undefined;
  }
}

/** Bytes [start, end) of chunks. Yields to the event loop after each MiB, as a disk would, so that reading a large blob does not block others. */
async function* slices(chunks: readonly Uint8Array[], start: number, end: number): AsyncGenerator<Uint8Array> {
  let passed = 0;
  let given = 0;
  for (const part of chunks) {
    const wanted = part.subarray(Math.max(0, start - passed), Math.max(0, end - passed));
    passed += part.length;
    for (let from = 0; from < wanted.length; from += SLICE_BYTES) {
      const slice = wanted.subarray(from, from + SLICE_BYTES);
      yield slice;
      given += slice.length;
      if (given < SLICE_BYTES) continue;
      given = 0;
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    if (passed >= end) return;
  }
}
