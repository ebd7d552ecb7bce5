import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const NAME = 'hidden.json';

/** Up to which entry the journal was cleared, as an earlier process left it; 0 = nothing is hidden. */
export function readHiddenMark(dir: string): number {
  let text: string;
  try {
    text = readFileSync(join(dir, NAME), 'utf8');
  } catch {
    return 0;
  }
  const upTo = /^\{"hiddenUpTo":(\d{1,15})\}$/.exec(text)?.[1];
  if (upTo !== undefined) return Number(upTo);
  throw new Error(`${join(dir, NAME)} does not say which entries are hidden: delete it to see them all`);
}

export function writeHiddenMark(dir: string, hiddenUpTo: number): void {
  mkdirSync(dir, { recursive: true });
  const path = join(dir, NAME);
  writeFileSync(`${path}.new`, JSON.stringify({ hiddenUpTo }));
  renameSync(`${path}.new`, path);
}
