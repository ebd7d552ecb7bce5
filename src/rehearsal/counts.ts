import type { Words } from '../domain/nouns/market.ts';
import { type Said, say } from './said.ts';

/** Numbers of steps by their outcome. */
export interface Counts {
  readonly done: number;
  readonly failed: number;
  /** Answers without anything in them, as the market has it: neither done nor failed. */
  readonly empty: number;
  /** Sessions in which the user's client did none of the tasks. */
  readonly undone: number;
}

/** `76 done, 0 failed`, and how many were empty if any was. */
export function countWords(counts: Counts): Words {
  return say('{} done, {} failed{}', '完成 {} 項，失敗 {} 項{}', counts.done, counts.failed, moreWords(counts));
}

/** The last line of all. */
export function totalWords(counts: Counts): Words {
  return say('{} tasks done, {} failed{}', '共完成 {} 項，失敗 {} 項{}', counts.done, counts.failed, moreWords(counts));
}

/** The same of a client of the user's, whose steps are the sessions. */
export function sessionWords(counts: Counts): Words {
  const { done, failed } = counts;
  const sessions = done === 1 ? 'session' : 'sessions';
  return say(
    '{0} {3} done, {1} failed{2}',
    '完成 {0} 個時段，失敗 {1} 個{2}',
    done,
    failed,
    moreWords(counts),
    sessions,
  );
}

function moreWords({ empty, undone }: Counts): Said {
  const none = empty === 0 ? '' : say(', {} empty', '，{} 項並無內容', empty);
  const idle = undone === 0 ? '' : say(', {} not done', '，未完成 {}', undone);
  return say('{}{}', '{}{}', none, idle);
}
