import { constants } from 'node:fs';
import { copyFile, link, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export const LEAF_FILES = ['primary.pem', 'primary-key.pem', 'backup.pem', 'backup-key.pem'] as const;
export const CA_FILES = ['ca.pem', 'ca-key.pem'] as const;
export type CertificateFile = (typeof LEAF_FILES | typeof CA_FILES)[number];

/** File name -> PEM. */
export type PemFiles = Partial<Record<CertificateFile, string>>;

/** A complete set that is not in its place yet. The name starts with a dot, so as not to clash with a user's file. */
const PUBLISHED = '.new-set';

/**
 * Writes a set so that processes that start at once never mix two. Each writes a complete set into a temporary folder; one
 * succeeds in renaming it to the agreed name. Then each puts the files of *that* folder in their places, which is
 * idempotent. If a process dies half-way, the next one finishes.
 */
export async function publish(dir: string, files: PemFiles): Promise<void> {
  const temporary = await mkdtemp(join(dir, '.making-'));
  try {
    for (const [name, pem] of Object.entries(files)) {
      await writeFile(join(temporary, name), pem, { mode: name.endsWith('-key.pem') ? 0o600 : 0o644, flush: true });
    }
    await rename(temporary, join(dir, PUBLISHED)).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST' && error.code !== 'EPERM') throw error;
    });
    await settle(dir);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Puts a published set in its place, if there is one; existing files stay. */
export async function settle(dir: string): Promise<void> {
  const published = join(dir, PUBLISHED);
  const names = await readdir(published).catch(() => []);
  for (const name of names) await place(join(published, name), join(dir, name));
  // Rename it first: a half-removed set must not look like a complete one.
  const done = await mkdtemp(join(dir, '.making-'));
  await rename(published, join(done, 'done')).catch(() => undefined);
  await rm(done, { recursive: true, force: true });
}

async function place(from: string, to: string): Promise<void> {
  const doneByAnother = (code: string | undefined) => code === 'EEXIST' || code === 'ENOENT';
  try {
    await link(from, to);
  } catch (error) {
    if (doneByAnother((error as NodeJS.ErrnoException).code)) return;
    // A file system without hard links.
    await copyFile(from, to, constants.COPYFILE_EXCL).catch((copyError: NodeJS.ErrnoException) => {
      if (!doneByAnother(copyError.code)) throw copyError;
    });
  }
}

/** Replaces files, each in one step, so that whoever reads one gets it whole. */
export async function replace(dir: string, files: PemFiles): Promise<void> {
  const temporary = await mkdtemp(join(dir, '.making-'));
  try {
    for (const [name, pem] of Object.entries(files)) {
      await writeFile(join(temporary, name), pem, { mode: 0o644, flush: true });
      await rename(join(temporary, name), join(dir, name));
    }
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Reads the existing files of a set. `exposed` names the keys that others than their owner may read. */
export async function readSet(dir: string): Promise<{ readonly files: PemFiles; readonly exposed: readonly string[] }> {
  const files: PemFiles = {};
  const exposed: string[] = [];
  for (const name of [...CA_FILES, ...LEAF_FILES]) {
    const path = join(dir, name);
    const pem = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (pem === null) continue;
    files[name] = pem;
    if (name.endsWith('-key.pem') && process.platform !== 'win32' && ((await stat(path)).mode & 0o077) !== 0) {
      exposed.push(name);
    }
  }
  return { files, exposed };
}
