import { existsSync, renameSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { type Commit, isAfter, type Position } from '../../domain/change.ts';
import { asideName } from '../aside-name.ts';
import { MARK_SUFFIX, markedHead } from './head-mark.ts';
import { ORIGIN } from './log.ts';
import { commitOf, linkAfter, NO_LINK, rowIn } from './log-link.ts';

/** A log and what is beside it, by the end of their names. */
const COMPANIONS = ['', '-wal', '-shm', MARK_SUFFIX];

/** What can be said of a log that is damaged. */
export interface DamagedLog {
  readonly file: string;
  /** The last commit that it or its mark names, whether or not it can be read; null if not even that is known. */
  readonly head: Position | null;
  /** The last commit up to which all are as they were written; ORIGIN if there is none. */
  readonly wholeUpTo: Position;
}

/** Changes nothing. */
export function inspectLog(file: string): DamagedLog {
  let wholeUpTo = ORIGIN;
  for (const { epoch, index } of undamagedCommits(file)) wholeUpTo = { epoch, index };
  return { file, head: namedHead(file), wholeUpTo };
}

/** Renames a damaged log, so that it can be looked into. Returns its new name; null if it is missing. */
export function setLogAside(file: string): string | null {
  const name = asideName(file);
  const isThere = existsSync(file);
  for (const end of COMPANIONS) if (existsSync(file + end)) renameSync(file + end, name + end);
  return isThere ? name : null;
}

/** The commits of a damaged log up to the first damage, in order. Never throws. */
export function* undamagedCommits(file: string): Generator<Commit> {
  using db = openToRead(file);
  const select = attempt(() => db?.prepare('SELECT idx, epoch, at, opens, changes, link FROM entry WHERE idx = ?'));
  let link = NO_LINK;
  for (let index = 1; ; index++) {
    const record = attempt(() => select?.get(index));
    if (!record) return;
    const row = rowIn(record);
    link = linkAfter(link, row);
    if (row.idx !== index || link !== record.link) return;
    yield commitOf(row);
  }
}

function namedHead(file: string): Position | null {
  using db = openToRead(file);
  const record = attempt(() => db?.prepare('SELECT epoch, idx FROM entry ORDER BY idx DESC LIMIT 1').get());
  const named = record ? { epoch: Number(record.epoch), index: Number(record.idx) } : null;
  const mark = markedHead(file);
  return mark && (named === null || isAfter(mark, named)) ? { epoch: mark.epoch, index: mark.index } : named;
}

function openToRead(file: string): DatabaseSync | undefined {
  return attempt(() => new DatabaseSync(file, { readOnly: true }));
}

/** Undefined where SQLite cannot read what is damaged. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
