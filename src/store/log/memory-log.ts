import type { Commit } from '../../domain/change.ts';
import { type ChangeLog, Fenced, ORIGIN } from './log.ts';
import { assertFollows } from './log-order.ts';

const CHUNK = 64;

/** A change log in memory. */
export function createMemoryLog(): ChangeLog {
  const commits: Commit[] = [];
  const head = () => {
    const last = commits.at(-1);
    return last ? { epoch: last.epoch, index: last.index } : ORIGIN;
  };
  return {
    head,
    async append(added, expected) {
      const at = head();
      if (at.index !== expected.index || at.epoch !== expected.epoch) throw new Fenced(expected, at);
      assertFollows(at, added);
      for (const commit of added) commits.push(commit);
    },
    async *read(after) {
      for (let from = after; from < commits.length; from += CHUNK) yield commits.slice(from, from + CHUNK);
    },
    async truncate(after) {
      return commits.splice(after);
    },
    link: () => null,
    async close() {},
  };
}
