import type { Readable } from 'node:stream';

/**
 * Payloads (uploaded files, reports) by the SHA-256 of their bytes, one store per centre. A blob is durable before the
 * change that names it is appended, and is never changed.
 */
export interface Blobs {
  /**
   * Stores a whole stream; resolves when it is durable. Leaves nothing behind if the stream fails.
   */
  put(bytes: AsyncIterable<Uint8Array>): Promise<StoredBlob>;
  has(sha256: string): Promise<boolean>;
  /**
   * Makes sure that a blob is as it was stored, once in a process; `open` and `fill` do so too. On disk, what is missing or
   * damaged is healed from the other centre. Rejects with BlobDamaged where that is not possible.
   */
  check(sha256: string): Promise<void>;
  /** Bytes from `start` to `end`, both included; by default the whole blob. The stream fails if the blob is not here. */
  open(sha256: string, start?: number, end?: number): Readable;
  /**
   * Fills a buffer with the bytes from `first` on, for readers that reuse one buffer. Rejects if the blob is not here, or
   * ends before the buffer is full.
   */
  fill(sha256: string, first: number, into: Buffer): Promise<void>;
  /** Copies a blob of another centre's store into this one (in memory, the same buffer). False if the other store lacks it. */
  copyFrom(other: Blobs, sha256: string): Promise<boolean>;
}

export interface StoredBlob {
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** A blob is missing or is not as it was stored, at both centres. */
export class BlobDamaged extends Error {
  constructor(sha256: string, files: readonly string[]) {
    super(`the file ${sha256} is damaged or missing at both centres: restore ${files.join(' or ')}`);
    this.name = 'BlobDamaged';
  }
}

/** The error when a blob is not here, with code ENOENT. */
export function noSuchBlob(sha256: string): Error {
  return Object.assign(new Error(`no blob ${sha256}`), { code: 'ENOENT' });
}

/** The error when a blob has fewer bytes than `fill` needs. */
export function endsEarly(sha256: string): Error {
  return new RangeError(`blob ${sha256} is too short: the read goes past its end`);
}
