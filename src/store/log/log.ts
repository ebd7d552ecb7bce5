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
  /** Commits with an index above `after`, in order, in chunks. */
  read(after: number): AsyncIterable<readonly Commit[]>;
  /** Drops every commit with an index above `after`; resolves, when that is durable, with the dropped ones in order. */
  truncate(after: number): Promise<readonly Commit[]>;
  close(): Promise<void>;
}

/** Another writer has appended: a later epoch has begun. */
export class Fenced extends Error {
  constructor(expected: Position, head: Position) {
    super(`the log stands at ${head.epoch}:${head.index}, not at ${expected.epoch}:${expected.index}`);
    this.name = 'Fenced';
  }
}
