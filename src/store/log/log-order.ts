import type { Commit, Position } from '../../domain/change.ts';

/** Throws unless the commits go on from `head` without a gap, in no older epoch. A bug of ours otherwise. */
export function assertFollows(head: Position, commits: readonly Commit[]): void {
  let { epoch, index } = head;
  for (const commit of commits) {
    if (commit.index !== index + 1 || commit.epoch < epoch) {
      throw new Error(`commit ${commit.epoch}:${commit.index} cannot stand after ${epoch}:${index}`);
    }
    ({ epoch, index } = commit);
  }
}
