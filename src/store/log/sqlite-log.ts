import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import type { Change, Commit, Position } from '../../domain/change.ts';
import type { CentreName } from '../../domain/nouns/market.ts';
import { type ChangeLog, Fenced, ORIGIN } from './log.ts';
import { assertFollows } from './log-order.ts';

/** Increase it when code for the old format would misread the new one. */
const FORMAT = 1;
/** Commits per read; one may have 4,096 rows. */
const CHUNK = 16;
const SQLITE_FULL = 13;

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
 * Throws an Error that names the file, and what to do, if the file is not a change log of the harness or has another format.
 * An append that does not fit on the disk rejects with an Error of code ENOSPC.
 */
export function openSqliteLog({ file, program, maxBytes }: SqliteLogOptions): ChangeLog {
  const db = openDatabase(file, program);
  if (maxBytes !== undefined) limitSize(db, maxBytes);
  const lastRow = db.prepare('SELECT epoch, idx FROM entry ORDER BY idx DESC LIMIT 1');
  const insert = db.prepare('INSERT INTO entry (idx, epoch, at, opens, changes) VALUES (?, ?, ?, ?, ?)');
  const select = db.prepare('SELECT idx, epoch, at, opens, changes FROM entry WHERE idx > ? ORDER BY idx LIMIT ?');
  // One row, rewritten in place, so that an empty append has something to make durable and the file does not grow. SQLite
  // skips an update that changes nothing, so the value alternates between 0 and 1.
  const flip = db.prepare(
    "INSERT INTO meta (name, value) VALUES ('flip', '0') ON CONFLICT (name) DO UPDATE SET value = 1 - value",
  );
  const remove = db.prepare('DELETE FROM entry WHERE idx > ?');
  const stored = (): Position => {
    const row = lastRow.get();
    return row ? { epoch: Number(row.epoch), index: Number(row.idx) } : ORIGIN;
  };
  let head = stored();

  function transaction(work: () => void): void {
    try {
      db.exec('BEGIN IMMEDIATE');
      work();
      db.exec('COMMIT');
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK');
      throw inWords(error, file);
    }
  }

  return {
    head: () => head,
    async append(commits, expected) {
      transaction(() => {
        // Read from the file, not from memory: another process may have it open too.
        head = stored();
        if (head.index !== expected.index || head.epoch !== expected.epoch) throw new Fenced(expected, head);
        if (commits.length === 0) flip.run();
        assertFollows(head, commits);
        for (const { index, epoch, at, opens, changes } of commits) {
          insert.run(index, epoch, at, opens ?? null, JSON.stringify(changes));
        }
      });
      const last = commits.at(-1);
      if (last) head = { epoch: last.epoch, index: last.index };
    },
    async *read(after) {
      let from = after;
      for (;;) {
        const chunk = select.all(from, CHUNK).map(commitOf);
        const last = chunk.at(-1);
        if (!last) return;
        yield chunk;
        from = last.index;
      }
    },
    async truncate(after) {
      let dropped: Commit[] = [];
      transaction(() => {
        dropped = select.all(after, -1).map(commitOf);
        remove.run(after);
      });
      head = stored();
      return dropped;
    },
    async close() {
      if (db.isOpen) db.close();
    },
  };
}

function commitOf(row: Record<string, unknown>): Commit {
  const commit: Commit = {
    epoch: Number(row.epoch),
    index: Number(row.idx),
    at: Number(row.at),
    changes: JSON.parse(String(row.changes)) as Change[],
  };
  return row.opens === null ? commit : { ...commit, opens: row.opens as CentreName };
}

function openDatabase(file: string, program: string): DatabaseSync {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(file, { timeout: 1_000 });
    const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
    if (tables.length > 0) assertOurs(db, file, program);
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
    if (tables.length === 0) create(db, program);
    assertWhole(db, file);
    return db;
  } catch (error) {
    if (db?.isOpen) db.close();
    throw inWords(error, file);
  }
}

function create(db: DatabaseSync, program: string): void {
  const meta: [string, SQLInputValue][] = [
    ['format', String(FORMAT)],
    ['program', program],
  ];
  // One transaction: a crash leaves an empty file or a complete one.
  db.exec(`BEGIN IMMEDIATE;
    CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
    CREATE TABLE entry (
      idx INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, at INTEGER NOT NULL, opens TEXT, changes TEXT NOT NULL
    ) STRICT;`);
  const insert = db.prepare('INSERT INTO meta (name, value) VALUES (?, ?)');
  for (const [name, value] of meta) insert.run(name, value);
  db.exec('COMMIT');
}

function assertOurs(db: DatabaseSync, file: string, program: string): void {
  const hasMeta = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'meta'").get();
  const meta = new Map(
    hasMeta
      ? db
          .prepare('SELECT name, value FROM meta')
          .all()
          .map((row) => [row.name, String(row.value)])
      : [],
  );
  const format = meta.get('format');
  if (format === String(FORMAT)) return;
  if (format === undefined) {
    throw new Error(
      `${file} is a database, but no change log of ours. Name another data folder, or move the file away.`,
    );
  }
  const writer = meta.get('program') ?? 'an unnamed program';
  throw new Error(
    `${file} is a change log of format ${format}, written by ${writer}; this is ${program}, which reads format ` +
      `${FORMAT}. Start it with ${writer}, or name another data folder.`,
  );
}

function limitSize(db: DatabaseSync, maxBytes: number): void {
  const pageBytes = Number(db.prepare('PRAGMA page_size').get()?.page_size);
  db.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(maxBytes / pageBytes))}`);
}

/** Every index from 1 to the last, or the file was tampered with. */
function assertWhole(db: DatabaseSync, file: string): void {
  const row = db.prepare('SELECT count(*) AS count, coalesce(max(idx), 0) AS last FROM entry').get();
  if (row && row.count === row.last) return;
  throw new Error(
    `${file} is damaged: it holds ${row?.count} commits, the last of which has number ${row?.last}. ` +
      'Move it away: the centre is then rebuilt from the other one.',
  );
}

function inWords(error: unknown, file: string): unknown {
  if (!(error instanceof Error) || !('errcode' in error)) return error;
  if (error.errcode === SQLITE_FULL) {
    return Object.assign(new Error(`no space to append to ${file}: free some`, { cause: error }), { code: 'ENOSPC' });
  }
  return new Error(`${file}: ${error.message}. If it is not a change log of the harness, use another data folder.`, {
    cause: error,
  });
}
