import type { Words } from '../domain/nouns/market.ts';
import { type Said, say } from './said.ts';

/** Numbers of steps by their outcome. */
export interface Counts {
  readonly done: number;
  readonly failed: number;
  /** Answers without anything in them, as the market has it: neither done nor failed. */
  readonly empty: number;
}

/** `76 done, 0 failed`, and how many were empty if any was. */
export function countWords({ done, failed, empty }: Counts): Words {
  return say('{} done, {} failed{}', '完成 {} 項，失敗 {} 項{}', done, failed, emptyWords(empty));
}

/** The last line of all. */
export function totalWords({ done, failed, empty }: Counts): Words {
  return say('{} tasks done, {} failed{}', '共完成 {} 項，失敗 {} 項{}', done, failed, emptyWords(empty));
}

function emptyWords(empty: number): Said {
  return empty === 0 ? '' : say(', {} empty', '，{} 項並無內容', empty);
}
