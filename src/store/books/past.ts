import { type Change, remove, type TableName } from '../../domain/change.ts';
import type { Instant } from '../../domain/nouns/market.ts';
import type { ChangeLog } from '../log/log.ts';
import type { Books } from './books.ts';

/** Index of the last commit made before `at` (market time), or 0. */
export async function lastIndexBefore(log: ChangeLog, at: Instant): Promise<number> {
  let last = 0;
  for await (const commits of log.read(0)) {
    for (const commit of commits) {
      if (commit.at >= at) return last;
      last = commit.index;
    }
  }
  return last;
}

/**
 * The changes that take the rows of `tables` from their state in `books` back to that at `index`. Reads the log twice:
 * first for the rows that changed since, then for their state at `index`; it builds no second books.
 */
export async function changesBackTo(
  log: ChangeLog,
  books: Books,
  index: number,
  tables: readonly TableName[],
): Promise<readonly Change[]> {
  const wanted = new Set(tables);
  const touched = new Map<string, Change>();
  let read = index;
  // Again, in case the log grew meanwhile.
  while (read < log.head().index) {
    for await (const commits of log.read(read)) {
      for (const commit of commits) {
        read = commit.index;
        for (const { table, key } of commit.changes) {
          if (wanted.has(table)) touched.set(`${table} ${key}`, remove(table, key));
        }
      }
    }
  }
  for await (const commits of log.read(0)) {
    for (const commit of commits) {
      if (commit.index > index) break;
      for (const change of commit.changes) {
        const name = `${change.table} ${change.key}`;
        if (touched.has(name)) touched.set(name, change);
      }
    }
    if ((commits.at(-1)?.index ?? 0) >= index) break;
  }
  return [...touched.values()].filter(({ table, key, row }) => !sameRow(books.get(table, key), row));
}

function sameRow(now: object | undefined, then: object | null): boolean {
  return JSON.stringify(now ?? null) === JSON.stringify(then);
}
