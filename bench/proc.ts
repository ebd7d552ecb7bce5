import { readFileSync } from 'node:fs';
import type { Usage } from './child.ts';

/** What a process that is not ours has used so far, as Linux tells it: ticks of 10 ms, pages of 4 KiB. */
export function usageOf(pid: number): Usage {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name in brackets may hold blanks; user and system time are the twelfth and thirteenth field after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { cpuMs: (Number(fields[11]) + Number(fields[12])) * 10, residentBytes: Number(fields[21]) * 4096 };
}
