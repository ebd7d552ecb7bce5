import type { Commit, Position } from '../../domain/change.ts';

/** Before the first commit. */
export const ORIGIN: Position = { epoch: 0, index: 0 };

/**
 * The truth of one centre: its commits in order, by index 1, 2, 3 ... without gaps.
 * Four verbs, so that memory, SQLite and later a distributed engine fit the same seam; one contract suite holds all
 * (test/store/log/log.contract.ts).
 */
export interface ChangeLog {
  /** The last commit's position, or ORIGIN. */
  head(): Position;
  /**
   * Appends in order and resolves when they are durable. Without commits it takes as long as with a small one, and leaves
   * no trace that `read` or `head` would show. Rejects with `Fenced` if the head is not `expected`
   * (somebody else has written, in a later epoch), and appends nothing then.
   */
  append(commits: readonly Commit[], expected: Position): Promise<void>;
  /** Commits with an index above `after`, in order, in chunks. */
  read(after: number): AsyncIterable<readonly Commit[]>;
  /** Drops every commit with an index above `after`; resolves when that is durable. Returns what was dropped, in order. */
  truncate(after: number): Promise<readonly Commit[]>;
  close(): Promise<void>;
}

/** The log moved on under a writer: a later epoch has begun. */
export class Fenced extends Error {
  constructor(expected: Position, head: Position) {
    super(`the log stands at ${head.epoch}:${head.index}, not at ${expected.epoch}:${expected.index}`);
    this.name = 'Fenced';
  }
}
