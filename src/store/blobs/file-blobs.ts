import { createHash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { access, copyFile, mkdir, open, readdir, rename, rm, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { asideName } from '../aside-name.ts';
import { BlobDamaged, type Blobs, endsEarly, noSuchBlob, type StoredBlob } from './blobs.ts';

/** Reads of 64 KiB reach only two fifths of the throughput. */
const READ_BYTES = 1024 * 1024;
const UNFINISHED = /^incoming-\d+-\d+$/;
const SHA256 = /^[0-9a-f]{64}$/;
const DONE = Promise.resolve();

/** A blob that was damaged or missing and was copied from the other centre. */
export interface HealedBlob {
  readonly file: string;
  /** Where the damaged file is now; null if there was none. */
  readonly setAside: string | null;
}

let incoming = 0;

/**
 * Blobs as files of one folder, each named by its SHA-256. A blob is on the disk, name included, before `put` or
 * `copyFrom` resolves. On failure both leave nothing behind and reject with the file system's error, such as ENOSPC.
 */
export class FileBlobs implements Blobs {
  readonly #folder: string;
  /** Those that this process stored, or found to be as they were stored. */
  readonly #checked = new Set<string>();
  readonly #checking = new Map<string, Promise<void>>();
  #healing: { readonly other: FileBlobs; readonly onHealed: (healed: HealedBlob) => void } | undefined;

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

  /** Where a damaged or missing blob is copied from, and who gets to know that it was. */
  healFrom(other: FileBlobs, onHealed: (healed: HealedBlob) => void): void {
    this.#healing = { other, onHealed };
  }

  check(sha256: string): Promise<void> {
    if (this.#checked.has(sha256)) return DONE;
    // Of several who open it first, one looks.
    const known = this.#checking.get(sha256);
    if (known) return known;
    const checking = this.#ensure(sha256).finally(() => this.#checking.delete(sha256));
    this.#checking.set(sha256, checking);
    return checking;
  }

  open(sha256: string, start?: number, end?: number): Readable {
    const path = this.#path(sha256);
    const stream = () =>
      createReadStream(path, {
        highWaterMark: READ_BYTES,
        ...(start !== undefined && { start }),
        ...(end !== undefined && { end }),
      });
    if (this.#checked.has(sha256)) return stream();
    const check = () => this.check(sha256);
    return Readable.from(
      (async function* () {
        await check();
        yield* stream();
      })(),
      { objectMode: false },
    );
  }

  async fill(sha256: string, first: number, into: Buffer): Promise<void> {
    await this.check(sha256);
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

  /** A copy and no hard link, so that damage to the one file leaves the other whole. */
  async copyFrom(other: Blobs, sha256: string): Promise<boolean> {
    if (await this.has(sha256)) return true;
    if (!(await other.has(sha256))) return false;
    if (!(other instanceof FileBlobs)) return (await this.put(other.open(sha256))).sha256 === sha256;
    await other.check(sha256);
    await this.#copyFile(other.#path(sha256), sha256);
    return true;
  }

  /** Gives each blob a file of its own: harnesses before 0.2 let both centres share one by a hard link. */
  async unshare(): Promise<void> {
    for (const name of await readdir(this.#folder)) {
      const path = join(this.#folder, name);
      if (SHA256.test(name) && (await stat(path)).nlink > 1) await this.#copyFile(path, name);
    }
  }

  async #ensure(sha256: string): Promise<void> {
    if (!(await this.#isWhole(sha256))) await this.#heal(sha256);
    this.#checked.add(sha256);
  }

  async #isWhole(sha256: string): Promise<boolean> {
    if (this.#checked.has(sha256)) return true;
    const hash = createHash('sha256');
    try {
      for await (const chunk of createReadStream(this.#path(sha256), { highWaterMark: READ_BYTES })) hash.update(chunk);
    } catch {
      // Missing, or the disk cannot read it.
      return false;
    }
    return hash.digest('hex') === sha256;
  }

  async #heal(sha256: string): Promise<void> {
    const path = this.#path(sha256);
    const other = this.#healing?.other;
    const setAside = (await this.has(sha256)) ? asideName(path) : null;
    if (!other && setAside === null) throw noSuchBlob(sha256);
    if (!other || !(await other.#isWhole(sha256))) {
      throw new BlobDamaged(sha256, other ? [path, other.#path(sha256)] : [path]);
    }
    if (setAside !== null) await rename(path, setAside);
    await this.#copyFile(other.#path(sha256), sha256);
    this.#healing?.onHealed({ file: path, setAside });
  }

  #copyFile(source: string, sha256: string): Promise<StoredBlob> {
    return this.#place(async (path) => {
      // Where the file system can, the copy shares the blocks until one of the two is written.
      await copyFile(source, path, constants.COPYFILE_FICLONE);
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
      this.#checked.add(stored.sha256);
      return stored;
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
  }

  #path(sha256: string): string {
    if (!SHA256.test(sha256)) throw noSuchBlob(sha256);
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
