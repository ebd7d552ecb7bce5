import type { Instant, MarketDate, Words } from './market.ts';

/** Files that participants download: CCASS reports and RAP files. */

export interface Report {
  /** `R` and 8 digits. */
  readonly reference: string;
  /** X(7), such as ZSICR01. */
  readonly id: string;
  /** The participant whose report it is, or COMMON. */
  readonly participant: string;
  /** Date of the run that made it. */
  readonly businessDate: MarketDate;
  readonly madeAt: Instant;
  readonly availableAt: Instant;
  readonly format: 'data' | 'text';
  readonly fileName: string;
  readonly sizeBytes: number;
  /** SHA-256 of the content, lower-case hex; also the name of its blob. */
  readonly sha256: string;
  /** The batch that it reports on, or null. */
  readonly batch: string | null;
  /** When its bytes last changed, if a user-supplied file came or went since. */
  readonly modifiedAt?: Instant;
  /** Only while a user-supplied file replaces it: what the centre made, or null if it had made none. */
  readonly inPlaceOf?: Pick<Report, 'sha256' | 'sizeBytes' | 'notMade'> | null;
  /** Only where the file could not be made: why, and what to do. Its content is then empty, and it cannot be downloaded. */
  readonly notMade?: Words;
}

/** Folders of a RAP user's tree: the user's files, everyone's, and the risk parameter file. */
export type RapFolder = 'INBOX' | 'COMMON' | 'RPF';

/** One zip file of RAP's tree, at `/<folder>/<YYYYMMDD>/<name>`. A report is two: its data file, then its control file. */
export interface RapFile {
  readonly folder: RapFolder;
  /** The participant whose file it is, or COMMON. */
  readonly participant: string;
  /** Date of the run that made it; the daily folder. */
  readonly businessDate: MarketDate;
  readonly name: string;
  /** X(7), such as RMAMR03. */
  readonly reportId: string;
  readonly part: 'data' | 'control';
  /** When it becomes available; its mtime, and that of the entry inside. */
  readonly publishedAt: Instant;
  readonly sizeBytes: number;
  /** SHA-256 of the zip, lower-case hex; also the name of its blob. */
  readonly sha256: string;
  /** When its bytes last changed, if a user-supplied file came or went since. */
  readonly modifiedAt?: Instant;
  /** Only while a user-supplied file replaces it: what the centre made, or null if it had made none. */
  readonly inPlaceOf?: { readonly sha256: string; readonly sizeBytes: number } | null;
}
