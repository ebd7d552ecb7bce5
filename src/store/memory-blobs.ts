import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { type Blobs, type KeptBlob, noSuchBlob } from './blobs.ts';

const SLICE_BYTES = 1024 * 1024;

/** Blobs that last as long as the process. */
export class MemoryBlobs implements Blobs {
  readonly #blobs = new Map<string, Buffer>();

  async keep(bytes: AsyncIterable<Uint8Array>): Promise<KeptBlob> {
    const hash = createHash('sha256');
    const chunks: Uint8Array[] = [];
    for await (const chunk of bytes) {
      hash.update(chunk);
      // A copy: whoever sends may use his buffer again.
      chunks.push(Buffer.from(chunk));
    }
    const whole = Buffer.concat(chunks);
    const sha256 = hash.digest('hex');
    if (!this.#blobs.has(sha256)) this.#blobs.set(sha256, whole);
    return { sha256, sizeBytes: whole.length };
  }

  async has(sha256: string): Promise<boolean> {
    return this.#blobs.has(sha256);
  }

  open(sha256: string, start = 0, end = Number.POSITIVE_INFINITY): Readable {
    const blob = this.#blobs.get(sha256);
    if (!blob) return new Readable({ read: (): void => {} }).destroy(noSuchBlob(sha256));
    return Readable.from(slices(blob.subarray(start, end + 1)), { objectMode: false });
  }

  async copyFrom(other: Blobs, sha256: string): Promise<boolean> {
    if (this.#blobs.has(sha256)) return true;
    if (!(other instanceof MemoryBlobs)) {
      if (!(await other.has(sha256))) return false;
      await this.keep(other.open(sha256));
      return this.#blobs.has(sha256);
    }
    const blob = other.#blobs.get(sha256);
    if (blob) this.#blobs.set(sha256, blob);
    return blob !== undefined;
  }
}

/** A turn of the loop after each, as a disk would take: who reads a large blob must not keep others waiting. */
async function* slices(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let from = 0; from < bytes.length; from += SLICE_BYTES) {
    yield bytes.subarray(from, from + SLICE_BYTES);
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}
