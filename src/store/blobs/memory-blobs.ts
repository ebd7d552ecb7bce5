import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { type Blobs, endsEarly, type KeptBlob, noSuchBlob } from './blobs.ts';

const SLICE_BYTES = 1024 * 1024;

/** Blobs that last as long as the process, each in the pieces that it came in: to join them, both would have to be there at once. */
export class MemoryBlobs implements Blobs {
  readonly #blobs = new Map<string, readonly Uint8Array[]>();

  async keep(bytes: AsyncIterable<Uint8Array>): Promise<KeptBlob> {
    const hash = createHash('sha256');
    const pieces: Uint8Array[] = [];
    let sizeBytes = 0;
    for await (const chunk of bytes) {
      hash.update(chunk);
      sizeBytes += chunk.length;
      // A copy: whoever sends may use his buffer again.
      pieces.push(Buffer.from(chunk));
    }
    const sha256 = hash.digest('hex');
    if (!this.#blobs.has(sha256)) this.#blobs.set(sha256, pieces);
    return { sha256, sizeBytes };
  }

  async has(sha256: string): Promise<boolean> {
    return this.#blobs.has(sha256);
  }

  open(sha256: string, start = 0, end = Number.POSITIVE_INFINITY): Readable {
    const pieces = this.#blobs.get(sha256);
    if (!pieces) return new Readable({ read: (): void => {} }).destroy(noSuchBlob(sha256));
    return Readable.from(slices(pieces, start, end + 1), { objectMode: false });
  }

  async fill(sha256: string, first: number, into: Buffer): Promise<void> {
    const pieces = this.#blobs.get(sha256);
    if (!pieces) throw noSuchBlob(sha256);
    let passed = 0;
    let at = 0;
    for (const piece of pieces) {
      const from = first + at - passed;
      passed += piece.length;
      if (from >= piece.length) continue;
      const wanted = piece.subarray(from, from + into.length - at);
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
      await this.keep(other.open(sha256));
      return this.#blobs.has(sha256);
    }
    const pieces = other.#blobs.get(sha256);
    if (pieces) this.#blobs.set(sha256, pieces);
    return pieces !== undefined;
  }
}

/** Bytes [start, end) of pieces. A turn of the loop after each MiB, as a disk would take: who reads a large blob must not keep others waiting. */
async function* slices(pieces: readonly Uint8Array[], start: number, end: number): AsyncGenerator<Uint8Array> {
  let passed = 0;
  let given = 0;
  for (const piece of pieces) {
    const wanted = piece.subarray(Math.max(0, start - passed), Math.max(0, end - passed));
    passed += piece.length;
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
