import { existsSync } from 'node:fs';

/** A name for a file that is set aside, which is not taken: `x.damaged-1`, `x.damaged-2` ... */
export function asideName(file: string): string {
  for (let n = 1; ; n++) if (!existsSync(`${file}.damaged-${n}`)) return `${file}.damaged-${n}`;
}
