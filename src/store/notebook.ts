import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * A small record of the harness, outside the books of either centre, that survives a restart. Each write goes to a new
 * file that is then renamed over the old one, so that a crash leaves one or the other.
 */
export interface Notebook<T> {
  /** The last record written, or null. */
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

/** Without a data folder: in memory only. */
export function memoryNotebook<T>(): Notebook<T> {
  let record: T | null = null;
  return {
    read: () => record,
    write(fresh) {
      record = fresh;
    },
  };
}
