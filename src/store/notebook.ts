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
  /** Files that were not as they were written, and what they are called since `read` set them aside; null: one was missing. */
  readonly setAside: readonly { readonly file: string; readonly setAside: string | null }[];
}

/** @param files the record and its copy */
export function openNotebook<T>(files: readonly [string, string]): Notebook<T> {
  const setAside: { file: string; setAside: string | null }[] = [];
  let isOld = false;

  function readOne(file: string): ReturnType<typeof recordIn<T>> | 'missing' {
    const text = textOf(file);
    if (text === null) return 'missing';
    const found = recordIn<T>(text);
    if (found) return found;
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
      // Both, so that damage to the copy is noticed while the record is whole.
      const each = files.map((file) => ({ file, found: readOne(file) }));
      const whole = each.flatMap(({ found }) => (found === null || found === 'missing' ? [] : [found]))[0];
      if (!whole) return null;
      isOld = whole.isOld;
      // Harness 0.1 kept no copy.
      if (!isOld) for (const { file, found } of each) if (found === 'missing') setAside.push({ file, setAside: null });
      return whole.record;
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

/** Null without such a file. What is no file, such as a folder, has no text. */
function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') return null;
    if (code === 'EISDIR') return '';
    throw error;
  }
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
