import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * A small record that survives a restart beside the books: what is the harness's and no centre's. It is written whole,
 * beside the old one, and takes its place at once, so that a crash leaves one or the other.
 */
export interface Notebook<T> {
  /** What was written last, or null. */
  read(): T | null;
  write(record: T): void;
}

export function openNotebook<T>(file: string): Notebook<T> {
  mkdirSync(dirname(file), { recursive: true });
  return {
    read() {
      try {
        return JSON.parse(readFileSync(file, 'utf8')) as T;
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
        throw new Error(`${file} cannot be read (${error}): restore it, or start with another --data folder`);
      }
    },
    write(record) {
      const fresh = `${file}.new`;
      const fd = openSync(fresh, 'w', 0o600);
      try {
        writeSync(fd, `${JSON.stringify(record, null, 2)}\n`);
        fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
      renameSync(fresh, file);
    },
  };
}

/** Without a data folder: remembers while the process lives. */
export function memoryNotebook<T>(): Notebook<T> {
  let record: T | null = null;
  return {
    read: () => record,
    write(fresh) {
      record = fresh;
    },
  };
}
