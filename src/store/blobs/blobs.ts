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
  /** Bytes from `start` to `end`, both included; by default the whole blob. The stream fails if the blob is not here. */
  open(sha256: string, start?: number, end?: number): Readable;
  /**
   * Fills a buffer with the bytes from `first` on, for readers that reuse one buffer. Rejects if the blob is not here, or
   * ends before the buffer is full.
   */
  fill(sha256: string, first: number, into: Buffer): Promise<void>;
  /** Copies a blob of another centre's store into this one (a hard link on disk, the same buffer in memory). False if the other store lacks it. */
  copyFrom(other: Blobs, sha256: string): Promise<boolean>;
}

export interface StoredBlob {
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** The error when a blob is not here, with code ENOENT. */
export function noSuchBlob(sha256: string): Error {
  return Object.assign(new Error(`no blob ${sha256}`), { code: 'ENOENT' });
}

/** The error when a blob has fewer bytes than `fill` needs. */
export function endsEarly(sha256: string): Error {
  return new RangeError(`blob ${sha256} is too short: the read goes past its end`);
}
