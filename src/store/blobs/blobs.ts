import type { Readable } from 'node:stream';

/**
 * Payloads (uploaded files, reports) by the SHA-256 of their bytes, one store per centre. A blob is durable before the
 * change that names it is appended, and is never changed.
 */
export interface Blobs {
  /**
   * Takes a stream to its end and keeps it; resolves when durable. Nothing is left behind if the stream fails.
   */
  keep(bytes: AsyncIterable<Uint8Array>): Promise<KeptBlob>;
  has(sha256: string): Promise<boolean>;
  /** Bytes from `start` to `end`, both included; the whole without them. Rejects if the blob is not here. */
  open(sha256: string, start?: number, end?: number): Readable;
  /**
   * Fills a buffer with the bytes from `first` on, for readers that keep one and use it again. Rejects if the blob is not
   * here, or ends before the buffer does.
   */
  fill(sha256: string, first: number, into: Buffer): Promise<void>;
  /** Copies a blob of another centre's store into this one (a hard link on disk, the same buffer in memory). False if the other lacks it. */
  copyFrom(other: Blobs, sha256: string): Promise<boolean>;
}

export interface KeptBlob {
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** What `open` fails with when the blob is not here: an Error of code ENOENT. */
export function noSuchBlob(sha256: string): Error {
  return Object.assign(new Error(`no blob ${sha256}`), { code: 'ENOENT' });
}

/** What `fill` fails with where the blob has fewer bytes than it is asked for. */
export function endsEarly(sha256: string): Error {
  return new RangeError(`blob ${sha256} ends before what is to be read`);
}
