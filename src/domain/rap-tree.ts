import { compactDate } from './calendar.ts';
import type { MarketDate, RapFile } from './nouns.ts';

/** What the names of a report's two zip files are made of. The pattern is a mock convention (docs/rap.md). */
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
