import type { Commit, Position } from '../../domain/change.ts';

/** Before the first commit. */
export const ORIGIN: Position = { epoch: 0, index: 0 };

/**
 * One centre's source of truth: its commits in order, by index 1, 2, 3 ... without gaps. Few methods, so that memory,
 * SQLite and later a distributed engine can implement it; one contract suite tests them all
 * (test/store/log/log.contract.ts).
 */
export interface ChangeLog {
  /** The last commit's position, or ORIGIN. */
  head(): Position;
  /**
   * Appends in order and resolves when durable. With no commits it takes as long as with a small one, but changes neither
   * `read` nor `head`. Rejects with `Fenced`, and appends nothing, if the head is not `expected`: another writer has
   * appended in a later epoch.
   */
  append(commits: readonly Commit[], expected: Position): Promise<void>;
  /** Commits with an index above `after`, in order, in chunks. Throws LogDamaged at the first that is not as it was written. */
  read(after: number): AsyncIterable<readonly Commit[]>;
  /** Drops every commit with an index above `after`; resolves, when that is durable, with the dropped ones in order. */
  truncate(after: number): Promise<readonly Commit[]>;
  /**
   * A digest of every commit up to `index`: two logs that have the same one hold the same commits up to there. Null where
   * the log has no such commit, or keeps no digests because nothing but a bug could change it.
   */
  link(index: number): string | null;
  close(): Promise<void>;
}

/** A log is not as it was written: something else than the harness changed its file. */
export class LogDamaged extends Error {
  readonly file: string;
  constructor(file: string, why: string) {
    super(`${file} is damaged: ${why}`);
    this.name = 'LogDamaged';
    this.file = file;
  }
}

/** Another writer has appended: a later epoch has begun. */
export class Fenced extends Error {
  constructor(expected: Position, head: Position) {
    super(`the log stands at ${head.epoch}:${head.index}, not at ${expected.epoch}:${expected.index}`);
    this.name = 'Fenced';
  }
}
