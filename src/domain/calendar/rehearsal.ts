import type { TableName } from '../change.ts';
import type {
  Broadcast,
  CentreName,
  Channel,
  Instant,
  MarketDate,
  ParticipantType,
  ServiceName,
  Words,
} from '../nouns/market.ts';
import { marketDate } from './calendar.ts';

/**
 * A rehearsal: what is open when and where on its days, and what work is scheduled. It is data (fixtures/rehearsals/):
 * loading/rehearsal-file.ts reads and checks it. Outside its days the normal hours apply.
 */
export interface Rehearsal {
  readonly id: string;
  readonly title: Words;
  readonly status: Status;
  readonly source: string;
  /** The instant at which `up --rehearsal` freezes market time; null = now. */
  readonly start: Instant | null;
  /** The centre that is active before the first switch. */
  readonly active: CentreName;
  /** These are open at all times, whatever the hours; null = sessions and normal hours. */
  readonly alwaysOpen: Offers | null;
  /** Days on which nothing but the sessions is open. */
  readonly suspended: readonly MarketDate[];
  readonly sessions: readonly RehearsalSession[];
  readonly releases: readonly Release[];
  readonly switches: readonly CentreSwitch[];
  readonly rollBack: RollBack | null;
  readonly reports: readonly ReportsDay[];
  readonly runs: readonly RehearsalRun[];
  readonly registration: Registration | null;
  readonly notices: readonly Notice[];
}

/** Whether a day belongs to the rehearsal: only its sessions are open then, and participants must be registered. */
export function isRehearsalDay(rehearsal: Rehearsal, date: MarketDate): boolean {
  if (rehearsal.suspended.includes(date)) return true;
  return rehearsal.sessions.some((session) => marketDate(session.from) <= date && date <= marketDate(session.to - 1));
}

/** Whether HKEX publishes it, we observed it, or we assume it (docs/fidelity.md). */
export type Status = 'documented' | 'observed' | 'assumed';

/** The operations that the timetable opens and closes one by one. The user's profile and batch status are enquiries. */
export const OPERATIONS = [
  'logon',
  'logoff',
  'enquire',
  'input',
  'upload',
  'reports',
  'download',
  'broadcasts',
] as const;
export type Operation = (typeof OPERATIONS)[number];

/** `clearing`: Direct and General Clearing Participants. */
export type Audience = 'all' | 'clearing';

export function belongsTo(audience: Audience, type: ParticipantType): boolean {
  return audience === 'all' || type === 'direct-clearing' || type === 'general-clearing';
}

/** What is open of one service, and for whom. */
export interface Offer {
  readonly audience: Audience;
  readonly operations: 'all' | readonly Operation[];
}
export type Offers = { readonly [S in ServiceName]?: Offer };

export interface RehearsalSession {
  readonly id: string;
  readonly name: Words;
  /** Open from this instant ... */
  readonly from: Instant;
  /** ... until just before this one. */
  readonly to: Instant;
  readonly centre: CentreName;
  /** `rolled back` = the version before the upgrade. */
  readonly release: 'upgraded' | 'rolled back';
  /** The channels that are open in it. */
  readonly channels: readonly Channel[];
  readonly services: Offers;
  /** `took-part`: only for those who logged on in an earlier session of this rehearsal. */
  readonly requires: 'took-part' | null;
  /** The participant's tasks in it, in the circular's order. */
  readonly tasks: readonly Words[];
  readonly status: Status;
}

/** From this market date on, outside the sessions, the system in service is this release. */
export interface Release {
  readonly from: MarketDate;
  readonly name: string;
  readonly status: Status;
}

/** The release that is in service at an instant: the session's, else the last one to go live; before any, `production`. */
export function releaseAt({ releases }: Rehearsal, session: RehearsalSession | null, at: Instant): string {
  return session?.release ?? releases.findLast(({ from }) => from <= marketDate(at))?.name ?? 'production';
}

export interface CentreSwitch {
  readonly at: Instant;
  readonly to: CentreName;
  readonly status: Status;
}

/** At `at` the named tables return to what they were just before `to`. */
export interface RollBack {
  readonly at: Instant;
  readonly to: Instant;
  readonly tables: readonly TableName[];
  readonly status: Status;
}

/** When the scheduled reports of one day are available, in place of the catalogue's time. */
export interface ReportsDay {
  readonly dated: MarketDate;
  readonly available: Instant;
  readonly status: Status;
}

/** A run on a rehearsal day, on which no other runs take place. `run` is a report's ID. */
export interface RehearsalRun {
  readonly run: string;
  readonly at: Instant;
  /** Null = from `reports` or the catalogue. */
  readonly availableAt: Instant | null;
  readonly status: Status;
}

export interface Registration {
  /** The last day to register. */
  readonly by: MarketDate;
  /** How an unregistered participant is treated at log-on on the rehearsal's days. */
  readonly policy: 'deny' | 'warn';
  readonly participants: readonly string[];
  readonly status: Status;
}

/** A scheduled broadcast message. */
export interface Notice {
  readonly at: Instant;
  readonly kind: Broadcast['kind'];
  readonly subject: Words;
  readonly text: Words;
  readonly status: Status;
}
