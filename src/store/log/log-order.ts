import type { Commit, Position } from '../../domain/change.ts';

/** Throws unless the commits follow `head` without a gap, in the same or a later epoch: anything else is our bug. */
export function assertFollows(head: Position, commits: readonly Commit[]): void {
  let { epoch, index } = head;
  for (const commit of commits) {
    if (commit.index !== index + 1 || commit.epoch < epoch) {
      throw new Error(`commit ${commit.epoch}:${commit.index} cannot follow ${epoch}:${index}`);
    }
    ({ epoch, index } = commit);
  }
}
