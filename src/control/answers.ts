import type { SwitchReport } from '../domain/change.ts';
import type { JOURNAL_FORMAT, JournalEntry } from '../domain/journal/journal.ts';
import type { CentreName, Instant, MarketDate, Words } from '../domain/nouns/market.ts';

/** Types of the answers of control.ts; their JSON Schemas, for OpenAPI, are in schemas.ts. */

/** The state of one centre. */
export interface CentreState {
  readonly url: string;
  readonly active: boolean;
  readonly position: { readonly epoch: number; readonly index: number };
  readonly sessions: number;
  readonly connections: number;
  readonly instructions: number;
  readonly batchesUnderWay: number;
}

/** The state of a centre's books. */
export interface BooksState {
  readonly position: { readonly epoch: number; readonly index: number };
  /** SHA-256 over every row: the same rows have the same digest, in whatever order they were written. */
  readonly digest: string;
}

export interface BooksAnswer {
  /** Whether both centres hold the same rows. */
  readonly equal: boolean;
  readonly centres: Readonly<Record<CentreName, BooksState>>;
}

export interface HarnessState {
  readonly product: 'ccass-harness';
  readonly version: string;
  /** Always true: nothing here is HKEX's. */
  readonly simulated: true;
  readonly seed: number;
  readonly rehearsal: string;
  readonly market: {
    readonly at: Instant;
    /** `2021-07-24 16:30:00 HKT`. */
    readonly hongKong: string;
    readonly mode: 'running' | 'frozen';
    readonly rate: number;
  };
  readonly active: CentreName;
  readonly epoch: number;
  /** Replication lag in milliseconds of market time, and the commits that it holds back now. */
  readonly lagMs: number;
  readonly behind: number;
  /** The address that never changes. */
  readonly line: string;
  readonly centres: Readonly<Record<CentreName, CentreState>>;
  /** Whether CCASS is open to log on now, in which session, and when it opens next. */
  readonly open: boolean;
  readonly session: string | null;
  readonly next: {
    readonly at: Instant;
    readonly hongKong: string;
    readonly centre: CentreName;
    readonly session: string;
  } | null;
}

export interface ClockAnswer {
  readonly at: Instant;
  readonly hongKong: string;
  readonly mode: 'running' | 'frozen';
  readonly rate: number;
  /** Market milliseconds by which due work still held the clock back as the command arrived; 0 = it was on time. */
  readonly behindMs: number;
  /** The alarms that fired on the way, in order. */
  readonly fired: readonly { readonly at: Instant; readonly hongKong: string; readonly name: string }[];
}

/** What a switch did, and how many log-ons it ended. */
export type SwitchAnswer = SwitchReport & { readonly endedSessions: number };

export interface RegistrationAnswer {
  readonly rehearsal: string;
  /** Last day to register, from the rehearsal file; the tester may change the list at any time. */
  readonly by: MarketDate | null;
  readonly policy: 'deny' | 'warn';
  readonly registered: readonly string[];
  readonly notRegistered: readonly string[];
  /** Of this change, such as one after the last day. */
  readonly warnings: readonly Words[];
}

/** One coming event of the timetable. */
export interface TimetableEvent {
  readonly at: Instant;
  readonly hongKong: string;
  readonly kind: string;
  readonly what: string;
}

export interface SnapshotAnswer {
  readonly name: string;
  readonly at: Instant;
  readonly hongKong: string;
  readonly active: CentreName;
  readonly position: { readonly epoch: number; readonly index: number };
  readonly sizeBytes: number;
}

export interface RehearsalAnswer {
  readonly id: string;
  readonly title: Words;
  readonly source: string;
  readonly sessions: readonly {
    readonly id: string;
    readonly name: Words;
    readonly from: Instant;
    readonly to: Instant;
    readonly hongKong: string;
    readonly centre: CentreName;
    readonly release: string;
  }[];
  /** Which release is in service from which market date on, outside the sessions; before the first, `production`. */
  readonly releases: readonly { readonly from: MarketDate; readonly name: string }[];
  /** The next events, at most 20. */
  readonly coming: readonly TimetableEvent[];
}

export interface JournalAnswer {
  /** Format of the entries (docs/journal.md). */
  readonly format: typeof JOURNAL_FORMAT;
  /** The oldest first. */
  readonly entries: readonly JournalEntry[];
  /** Number of the newest entry, 0 if there is none. */
  readonly last: number;
  /** Entries up to this number were hidden by clearing. */
  readonly hiddenUpTo: number;
}
