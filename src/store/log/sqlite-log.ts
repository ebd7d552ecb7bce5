import { accessSync, constants, existsSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import type { Commit, Position } from '../../domain/change.ts';
import { type MarkedHead, markedHead, openHeadMark } from './head-mark.ts';
import { type ChangeLog, Fenced, LogDamaged, ORIGIN } from './log.ts';
import { commitOf, linkAfter, NO_LINK, rowIn, rowOf } from './log-link.ts';
import { assertFollows } from './log-order.ts';

/** Increase it when code for the old format would misread the new one. Format 1 had no links: it is taken over. */
const FORMAT = 2;
/** Commits per read; one may have 4,096 rows. */
const CHUNK = 16;
const SQLITE = { PERM: 3, BUSY: 5, LOCKED: 6, NOMEM: 7, READONLY: 8, FULL: 13, CANTOPEN: 14 } as const;
/** Errors that say nothing of what is in the file. */
const OTHER_ERRORS: readonly number[] = [SQLITE.PERM, SQLITE.BUSY, SQLITE.LOCKED, SQLITE.NOMEM, SQLITE.CANTOPEN];

export interface SqliteLogOptions {
  /** Path of the database file; created if missing. */
  readonly file: string;
  /** Name and version of this program, such as `ccass-harness 0.1.0`; stored in the file, for the message of a program that cannot read it. */
  readonly program: string;
  /** Limit of the file size; an append beyond it fails as on a full disk. Default: no limit. */
  readonly maxBytes?: number;
}

/**
 * A change log in one SQLite file: write-ahead log, synchronous FULL, one transaction per append.
 * Throws an Error that names the file, and what to do, if the file is not a change log of the harness or has another format;
 * LogDamaged, as `read` does, where it is not as it was written. An append that does not fit on the disk rejects with an Error
 * of code ENOSPC.
 */
export function openSqliteLog({ file, program, maxBytes }: SqliteLogOptions): ChangeLog {
  const db = openDatabase(file, program);
  const mark = openHeadMark(file);
  if (maxBytes !== undefined) limitSize(db, maxBytes);
  const { lastRow, insert, select, linkOf, epochOf, flip, remove } = inWords(file, () => statementsOf(db));
  const stored = (): Position => {
    const row = lastRow.get();
    return row ? { epoch: Number(row.epoch), index: Number(row.idx) } : ORIGIN;
  };
  let head = inWords(file, stored);
  /** The link of `head`; null until it is read. */
  let headLink: string | null = null;

  function linkAt(index: number): string | null {
    if (index === 0) return NO_LINK;
    const row = linkOf.get(index);
    return row ? String(row.link) : null;
  }

  function markAt(index: number): MarkedHead {
    return { epoch: Number(epochOf.get(index)?.epoch ?? 0), index, link: linkAt(index) ?? NO_LINK };
  }

  /** The commits of these rows, which follow the link of the row before. */
  function checked(rows: readonly Record<string, unknown>[], after: number, before: string): Commit[] {
    let [index, link] = [after, before];
    return rows.map((record) => {
      const row = rowIn(record);
      link = linkAfter(link, row);
      if (row.idx !== ++index || link !== record.link)
        throw new LogDamaged(file, `commit ${index} is not as it was written`);
      return commitOf(row);
    });
  }

  function transaction(work: () => void): void {
    inWords(file, () => {
      try {
        db.exec('BEGIN IMMEDIATE');
        work();
        db.exec('COMMIT');
      } finally {
        if (db.isTransaction) db.exec('ROLLBACK');
      }
    });
  }

  return {
    head: () => head,
    async append(commits, expected) {
      let link = NO_LINK;
      transaction(() => {
        // Read from the file, not from memory: another process may have it open too.
        const position = stored();
        if (position.index !== head.index || position.epoch !== head.epoch) headLink = null;
        head = position;
        if (head.index !== expected.index || head.epoch !== expected.epoch) throw new Fenced(expected, head);
        if (commits.length === 0) flip.run();
        assertFollows(head, commits);
        link = headLink ?? linkAt(head.index) ?? NO_LINK;
        for (const commit of commits) {
          const row = rowOf(commit);
          link = linkAfter(link, row);
          insert.run(row.idx, row.epoch, row.at, row.opens, row.changes, link);
        }
      });
      headLink = link;
      const last = commits.at(-1);
      if (!last) return;
      head = { epoch: last.epoch, index: last.index };
      mark.write({ ...head, link });
    },
    async *read(after) {
      let from = after;
      for (;;) {
        const chunk = inWords(file, () => checked(select.all(from, CHUNK), from, linkAt(from) ?? NO_LINK));
        const last = chunk.at(-1);
        if (!last) return;
        yield chunk;
        from = last.index;
      }
    },
    async truncate(after) {
      let dropped: Commit[] = [];
      transaction(() => {
        dropped = checked(select.all(after, -1), after, linkAt(after) ?? NO_LINK);
        mark.lower(markAt(after));
        remove.run(after);
      });
      head = stored();
      headLink = null;
      return dropped;
    },
    link: linkAt,
    async close() {
      mark.close();
      if (db.isOpen) db.close();
    },
  };
}

function statementsOf(db: DatabaseSync) {
  return {
    lastRow: db.prepare('SELECT epoch, idx FROM entry ORDER BY idx DESC LIMIT 1'),
    insert: db.prepare('INSERT INTO entry (idx, epoch, at, opens, changes, link) VALUES (?, ?, ?, ?, ?, ?)'),
    select: db.prepare('SELECT idx, epoch, at, opens, changes, link FROM entry WHERE idx > ? ORDER BY idx LIMIT ?'),
    linkOf: db.prepare('SELECT link FROM entry WHERE idx = ?'),
    epochOf: db.prepare('SELECT epoch FROM entry WHERE idx = ?'),
    // One row, rewritten in place, so that an empty append has something to make durable and the file does not grow. SQLite
    // skips an update that changes nothing, so the value alternates between 0 and 1.
    flip: db.prepare(
      "INSERT INTO meta (name, value) VALUES ('flip', '0') ON CONFLICT (name) DO UPDATE SET value = 1 - value",
    ),
    remove: db.prepare('DELETE FROM entry WHERE idx > ?'),
  };
}

function openDatabase(file: string, program: string): DatabaseSync {
  let db: DatabaseSync | undefined;
  try {
    return inWords(file, () => {
      // A connection that may write empties the write-ahead log as it closes, and that may be what is damaged.
      if (existsSync(`${file}-wal`)) {
        using reader = new DatabaseSync(file, { readOnly: true });
        assertReachesMark(reader, file);
      }
      db = new DatabaseSync(file, { timeout: 1_000 });
      const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
      const format = tables.length > 0 ? formatOf(db, file, program) : FORMAT;
      db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
      if (tables.length === 0) create(db, program);
      assertWhole(db, file);
      assertReachesMark(db, file);
      if (format === 1) takeOver(db, program);
      return db;
    });
  } catch (error) {
    if (db?.isOpen) db.close();
    throw error;
  }
}

function create(db: DatabaseSync, program: string): void {
  const meta: [string, SQLInputValue][] = [
    ['format', String(FORMAT)],
    ['program', program],
  ];
  // One transaction: a crash leaves an empty file or a complete one. The link is before the changes: behind them, SQLite would
  // have to walk through a megabyte to reach it.
  db.exec(`BEGIN IMMEDIATE;
    CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
    CREATE TABLE entry (
      idx INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, at INTEGER NOT NULL, opens TEXT, link TEXT NOT NULL, changes TEXT NOT NULL
    ) STRICT;`);
  const insert = db.prepare('INSERT INTO meta (name, value) VALUES (?, ?)');
  for (const [name, value] of meta) insert.run(name, value);
  db.exec('COMMIT');
}

/** The format of a log, which is 1 or this one. Throws if this program cannot read it. */
function formatOf(db: DatabaseSync, file: string, program: string): number {
  const hasMeta = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'meta'").get();
  const rows = hasMeta ? db.prepare('SELECT name, value FROM meta').all() : [];
  const meta = new Map(rows.map(({ name, value }) => [name, String(value)]));
  const format = meta.get('format');
  if (format === String(FORMAT) || format === '1') return Number(format);
  const writer = meta.get('program') ?? 'an unnamed program';
  // What this very program writes has this format.
  if (writer === program) throw new LogDamaged(file, `its format reads ${JSON.stringify(format ?? null)}`);
  if (format === undefined) {
    throw new Error(
      `${file} is a database, but not a change log of the harness. Name another data folder, or move the file away.`,
    );
  }
  throw new Error(
    `${file} is a change log of format ${format}, written by ${writer}; this is ${program}, which reads format ` +
      `${FORMAT}. Start it with ${writer}, or name another data folder.`,
  );
}

/** Gives a log of format 1 its links. */
function takeOver(db: DatabaseSync, program: string): void {
  db.exec("BEGIN IMMEDIATE; ALTER TABLE entry ADD COLUMN link TEXT NOT NULL DEFAULT ''");
  const next = db.prepare('SELECT idx, epoch, at, opens, changes FROM entry WHERE idx = ?');
  const update = db.prepare('UPDATE entry SET link = ? WHERE idx = ?');
  let link = NO_LINK;
  for (let index = 1; ; index++) {
    const record = next.get(index);
    if (!record) break;
    link = linkAfter(link, rowIn(record));
    update.run(link, index);
  }
  const set = db.prepare('UPDATE meta SET value = ? WHERE name = ?');
  set.run(String(FORMAT), 'format');
  set.run(program, 'program');
  db.exec('COMMIT');
}

function limitSize(db: DatabaseSync, maxBytes: number): void {
  const pageBytes = Number(db.prepare('PRAGMA page_size').get()?.page_size);
  db.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(maxBytes / pageBytes))}`);
}

/** Every index from 1 to the last; whether each is as it was written is checked as it is read. */
function assertWhole(db: DatabaseSync, file: string): void {
  const row = db.prepare('SELECT count(*) AS count, coalesce(max(idx), 0) AS last FROM entry').get();
  if (row && row.count === row.last) return;
  throw new LogDamaged(file, `it holds ${row?.count} commits, the last of which has number ${row?.last}`);
}

/** @throws LogDamaged where the log lacks a commit that was durable once: its mark says so, or it is another log's. */
function assertReachesMark(db: DatabaseSync, file: string): void {
  const mark = markedHead(file);
  if (!mark || mark.index === 0) return;
  const hasEntries = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'entry'").get();
  const row = hasEntries && db.prepare('SELECT link FROM entry WHERE idx = ?').get(mark.index);
  if (row?.link === mark.link) return;
  const last = hasEntries ? db.prepare('SELECT coalesce(max(idx), 0) AS last FROM entry').get()?.last : 0;
  const what = row ? 'holds another commit' : `ends with commit ${last}, before commit`;
  throw new LogDamaged(file, `it ${what} ${mark.epoch}:${mark.index}, which was acknowledged`);
}

/** Does something with the database; its errors name the file, and tell damage from all else. */
function inWords<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    // An integer that the harness never wrote.
    if ('code' in error && error.code === 'ERR_OUT_OF_RANGE') throw new LogDamaged(file, error.message);
    if (!('errcode' in error)) throw error;
    // An extended code has the plain one in its lowest byte.
    const code = Number(error.errcode) & 0xff;
    if (code === SQLITE.FULL) {
      throw Object.assign(new Error(`no space to append to ${file}: free some`, { cause: error }), { code: 'ENOSPC' });
    }
    // SQLite takes a file for read-only, too, if it believes that a later version wrote it.
    const isReadOnly = code === SQLITE.READONLY && !isWritable(file);
    if (isReadOnly || OTHER_ERRORS.includes(code)) {
      throw new Error(`${file}: ${error.message}. If it is not a change log of the harness, use another data folder.`, {
        cause: error,
      });
    }
    throw new LogDamaged(file, error.message);
  }
}

function isWritable(file: string): boolean {
  try {
    accessSync(file, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
