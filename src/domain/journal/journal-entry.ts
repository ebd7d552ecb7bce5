import type { CentreName, Instant } from '../nouns/market.ts';

/**
 * What the harness saw. The journal is the record that tests and the verdict read; replication never does.
 * Kinds are few, and each entry carries what its kind needs in `detail` (plain JSON, no secret ever).
 */
export const JOURNAL_KINDS = [
  'start', // the harness started, or recovered: what it found
  'connection', // a client connected to a centre, by the line or directly; its hello; how it ended
  'tls-refused', // a handshake that failed: cause and remedy in words
  'logon',
  'logoff',
  'session-ended',
  'enquiry',
  'instruction', // SIs were input, authorised, changed, deleted, revoked, held or released, or account transfers input
  'administration', // a user was to be created, locked, unlocked or reset; or a checker got a code or authorised it
  'simulation', // one was asked for at ORP Online, is done, failed, or was cancelled
  'upload', // a file was safely kept (or was known already)
  'batch', // a batch was done
  'report', // a report was published
  'open', // a RAP file was opened; what was read of it follows as a download
  'download', // bytes of a report, or of a RAP file, were sent
  'broadcast', // a broadcast was sent
  'broadcast-read',
  'refusal', // any verb refused, with its code
  'switch', // the active centre changed
  'loss', // one change that a cut lost
  'clock', // a tester moved the clock
  'run', // a scheduled run, switch event or roll-back was done; or how far a long one is
  'trades', // a tester entered trades of the exchange
  'registration',
  'error', // a fault of our own
] as const;
export type JournalKind = (typeof JOURNAL_KINDS)[number];

export interface JournalEntry {
  /** From 1, without gaps. */
  readonly seq: number;
  /** Market time. */
  readonly at: Instant;
  readonly kind: JournalKind;
  readonly centre: CentreName | null;
  readonly participant: string | null;
  readonly user: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** What the caller knows; the journal adds number and time. */
export interface JournalNote {
  readonly kind: JournalKind;
  readonly centre?: CentreName | null;
  readonly participant?: string | null;
  readonly user?: string | null;
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** Every given member must fit; `after` and `limit` page through. */
export interface JournalFilter {
  readonly kinds?: readonly JournalKind[];
  readonly centre?: CentreName;
  readonly participant?: string;
  /** Only entries with a higher number. */
  readonly after?: number;
  /** At most this many, the oldest first. Default 1,000. */
  readonly limit?: number;
}
