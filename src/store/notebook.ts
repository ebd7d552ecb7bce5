import { hash } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { asideName } from './aside-name.ts';

/**
 * A small record of the harness, outside the books of either centre, that survives a restart. It is kept twice, with a
 * checksum. Each write goes to a new file that is then renamed over the old one, so that a crash leaves one or the other.
 */
export interface Notebook<T> {
  /** The last record written, or null. */
  read(): T | null;
  write(record: T): void;
  /** Whether `read` found a record of harness 0.1, which had no checksum. */
  readonly isOld: boolean;
  /** Files that were not as they were written, and what they are called since `read` set them aside. */
  readonly setAside: readonly { readonly file: string; readonly setAside: string }[];
}

/** @param files the record and its copy */
export function openNotebook<T>(files: readonly [string, string]): Notebook<T> {
  const setAside: { file: string; setAside: string }[] = [];
  let isOld = false;

  function readOne(file: string): T | null {
    let text: string;
    try {
      text = readFileSync(file, 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
      throw error;
    }
    const found = recordIn<T>(text);
    if (found) {
      isOld = found.isOld;
      return found.record;
    }
    const name = asideName(file);
    renameSync(file, name);
    setAside.push({ file, setAside: name });
    return null;
  }

  return {
    setAside,
    get isOld() {
      return isOld;
    },
    read() {
      const [file, copy] = files;
      return readOne(file) ?? readOne(copy);
    },
    write(record) {
      const sealed = { ...record, sha256: digestOf(record) };
      for (const file of files) writeWhole(file, `${JSON.stringify(sealed, null, 2)}\n`);
    },
  };
}

/** Without a data folder: in memory only. */
export function memoryNotebook<T>(): Notebook<T> {
  let record: T | null = null;
  return {
    setAside: [],
    isOld: false,
    read: () => record,
    write(fresh) {
      record = fresh;
    },
  };
}

/** Null if the text is not as it was written. */
function recordIn<T>(text: string): { readonly record: T; readonly isOld: boolean } | null {
  try {
    const { sha256, ...record } = JSON.parse(text) as T & { sha256?: unknown };
    const isOld = sha256 === undefined;
    return isOld || sha256 === digestOf(record) ? { record: record as T, isOld } : null;
  } catch {
    return null;
  }
}

const digestOf = (record: unknown) => hash('sha256', JSON.stringify(record));

function writeWhole(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  const fresh = `${file}.new`;
  const fd = openSync(fresh, 'w', 0o600);
  try {
    writeSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(fresh, file);
}
