import { addDays, compactDate, fromCompactDate, marketDate } from './calendar/calendar.ts';
import type { Instant, MarketDate } from './nouns/market.ts';
import type { RapFile, RapFolder } from './nouns/reports.ts';

export const RAP_FOLDERS: readonly RapFolder[] = ['INBOX', 'COMMON', 'RPF'];

/** The parts of the names of a report's two zip files. The pattern is a mock convention (docs/rap.md). */
export interface PackageName {
  readonly reportId: string;
  /** A participant ID, or COMMON. */
  readonly participant: string;
  readonly businessDate: MarketDate;
  /** HHMM of the snapshot. */
  readonly snapshot: string;
}

/** `<reportId>_<participantId or COMMON>_<YYYYMMDD>_<HHMM>_D.zip`, and `..._C.zip` for the control file. */
export function rapFileName({ reportId, participant, businessDate, snapshot }: PackageName, part: RapFile['part']) {
  return `${[reportId, participant, compactDate(businessDate), snapshot].join('_')}_${part === 'data' ? 'D' : 'C'}.zip`;
}

/** A place that a path of the tree may name, whether or not it exists. */
export type RapPlace =
  | { readonly kind: 'root' }
  | { readonly kind: 'folder'; readonly folder: RapFolder }
  | { readonly kind: 'day'; readonly folder: RapFolder; readonly date: MarketDate }
  | { readonly kind: 'file'; readonly folder: RapFolder; readonly date: MarketDate; readonly name: string };

/** A path as the tree writes it: absolute, without `.`, `..` and empty parts. Nothing is above the root. */
export function realPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** The place that a path names, or null if nothing can ever be there. */
export function rapPlace(path: string): RapPlace | null {
  const [top, day, name, ...deeper] = realPath(path).slice(1).split('/');
  if (top === '') return { kind: 'root' };
  const folder = RAP_FOLDERS.find((one) => one === top);
  if (folder === undefined || deeper.length > 0) return null;
  if (day === undefined) return { kind: 'folder', folder };
  const date = fromCompactDate(day);
  if (date === null) return null;
  return name === undefined ? { kind: 'day', folder, date } : { kind: 'file', folder, date, name };
}

/** Whether a day can have a folder now: within the retention period, and not in the future. */
export function isKept(date: MarketDate, at: Instant, keptDays: number): boolean {
  const today = marketDate(at);
  return date <= today && addDays(date, keptDays) > today;
}

/** The days that can have a folder now, the oldest first. */
export function keptDates(at: Instant, keptDays: number): MarketDate[] {
  const today = marketDate(at);
  return Array.from({ length: keptDays }, (_, n) => addDays(today, n - keptDays + 1));
}
