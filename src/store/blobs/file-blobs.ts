import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, copyFile, link, mkdir, open, readdir, rename, rm, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { type Blobs, endsEarly, noSuchBlob, type StoredBlob } from './blobs.ts';

/** Reads of 64 KiB reach only two fifths of the throughput. */
const READ_BYTES = 1024 * 1024;
const UNFINISHED = /^incoming-\d+-\d+$/;

let incoming = 0;

/**
 * Blobs as files of one folder, each named by its SHA-256. A blob is on the disk, name included, before `put` or
 * `copyFrom` resolves. On failure both leave nothing behind and reject with the file system's error, such as ENOSPC.
 */
export class FileBlobs implements Blobs {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Creates the folder if needed, and removes files that a crash left unfinished: `leftovers` counts them. */
  static async open(folder: string): Promise<{ blobs: FileBlobs; leftovers: number }> {
    await mkdir(folder, { recursive: true });
    const leftovers = (await readdir(folder)).filter((name) => UNFINISHED.test(name));
    for (const name of leftovers) await unlink(join(folder, name));
    return { blobs: new FileBlobs(folder), leftovers: leftovers.length };
  }

  async put(bytes: AsyncIterable<Uint8Array>): Promise<StoredBlob> {
    const hash = createHash('sha256');
    let sizeBytes = 0;
    return this.#place(async (path) => {
      const file = await open(path, 'wx', 0o600);
      try {
        for await (const chunk of bytes) {
          hash.update(chunk);
          sizeBytes += chunk.length;
          for (let from = 0; from < chunk.length; ) from += (await file.write(chunk, from)).bytesWritten;
        }
        await file.sync();
      } finally {
        await file.close();
      }
      return { sha256: hash.digest('hex'), sizeBytes };
    });
  }

  async has(sha256: string): Promise<boolean> {
    try {
      await access(this.#path(sha256));
      return true;
    } catch {
      return false;
    }
  }

  open(sha256: string, start?: number, end?: number): Readable {
    return createReadStream(this.#path(sha256), {
      highWaterMark: READ_BYTES,
      ...(start !== undefined && { start }),
      ...(end !== undefined && { end }),
    });
  }

  async fill(sha256: string, first: number, into: Buffer): Promise<void> {
    const file = await open(this.#path(sha256));
    try {
      for (let at = 0; at < into.length; ) {
        const { bytesRead } = await file.read(into, at, into.length - at, first + at);
        if (bytesRead === 0) throw endsEarly(sha256);
        at += bytesRead;
      }
    } finally {
      await file.close();
    }
  }

  async copyFrom(other: Blobs, sha256: string): Promise<boolean> {
    if (await this.has(sha256)) return true;
    if (!(await other.has(sha256))) return false;
    if (!(other instanceof FileBlobs)) return (await this.put(other.open(sha256))).sha256 === sha256;
    const source = other.#path(sha256);
    try {
      await link(source, this.#path(sha256));
      await syncPath(this.#folder);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') await this.#copyFile(source, sha256);
    }
    return true;
  }

  /** Where hard links are not possible, such as between two disks. */
  #copyFile(source: string, sha256: string): Promise<StoredBlob> {
    return this.#place(async (path) => {
      await copyFile(source, path);
      await syncPath(path);
      return { sha256, sizeBytes: 0 };
    });
  }

  /** Lets `write` fill a temporary file, then renames it; leaves nothing behind on failure. */
  async #place(write: (path: string) => Promise<StoredBlob>): Promise<StoredBlob> {
    const path = join(this.#folder, `incoming-${process.pid}-${++incoming}`);
    try {
      const stored = await write(path);
      await rename(path, this.#path(stored.sha256));
      await syncPath(this.#folder);
      return stored;
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
  }

  #path(sha256: string): string {
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw noSuchBlob(sha256);
    return join(this.#folder, sha256);
  }
}

/** Flushes a file, or the entries of a folder, to the disk. */
async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
