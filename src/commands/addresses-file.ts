import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { ConfigurationError } from './config.ts';

/** `up --addresses FILE`: the variables of `exec` as one JSON object, for test frameworks in any language. */
export interface AddressesFile {
  readonly path: string;
  /** Replaces the file at once, readable by its owner alone, since it holds a token. */
  write(variables: Readonly<Record<string, string>>): Promise<void>;
  /** Removes the file, unless another harness has written it since. */
  remove(): Promise<void>;
}

/** Members that only such a file has. */
const MARK = 'CCASS_HARNESS_LINE';
/** A file of ours is some two kilobytes. */
const LARGEST_BYTES = 64 * 1024;

/**
 * Claims the file before the start: one of an earlier harness goes, so that whoever waits for it cannot read dead addresses.
 * @throws ConfigurationError if it is something else, or cannot be written.
 */
export async function claimAddressesFile(file: string): Promise<AddressesFile> {
  const path = resolve(file);
  await claim(path).catch((error: NodeJS.ErrnoException) => {
    if (error instanceof ConfigurationError) throw error;
    throw wrong(file, `a file in a folder that exists and that this user can write (${error.code ?? error.message})`);
  });
  let written: string | undefined;
  return {
    path,
    async write(variables) {
      written = `${JSON.stringify(variables, null, 2)}\n`;
      await replace(path, written);
    },
    async remove() {
      const found = await readFile(path, 'utf8').catch(() => undefined);
      if (written !== undefined && found === written) await rm(path, { force: true });
    },
  };
}

async function claim(path: string): Promise<void> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (found !== null && !found.isFile()) throw wrong(path, 'a file, and this is a folder or a device');
  if (found !== null && !(found.size <= LARGEST_BYTES && (await isOurs(path))))
    throw wrong(
      path,
      'a new file, or one that an earlier harness wrote: this one is something else, and is left as it is',
    );
  // Shows at once whether the folder can be written, and not after the start.
  const probe = temporaryOf(path);
  await writeFile(probe, '', { mode: 0o600 });
  await rm(probe);
  await rm(path, { force: true });
}

async function isOurs(path: string): Promise<boolean> {
  try {
    const content: unknown = JSON.parse(await readFile(path, 'utf8'));
    return typeof content === 'object' && content !== null && MARK in content;
  } catch {
    return false;
  }
}

async function replace(path: string, text: string): Promise<void> {
  const temporary = temporaryOf(path);
  try {
    await writeFile(temporary, text, { mode: 0o600, flush: true });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

const temporaryOf = (path: string) => resolve(dirname(path), `.ccass-harness-addresses.${process.pid}`);

function wrong(file: string, allowed: string): ConfigurationError {
  return new ConfigurationError([{ flag: '--addresses', from: 'the flag', came: file, allowed }]);
}
