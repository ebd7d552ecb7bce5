import { VIAS, type Via } from '../access/arrival.ts';
import { PROTOCOLS, type Protocol } from '../access/protocol.ts';
import { CENTRE_NAMES, type CentreName, SERVICE_NAMES, type ServiceName } from '../nouns/market.ts';
import { REFUSAL_CODES } from '../refusal.ts';
import * as business from './kinds/business.ts';
import * as connections from './kinds/connections.ts';
import * as day from './kinds/day.ts';
import * as files from './kinds/files.ts';
import * as requests from './kinds/requests.ts';
import { type Fits, instant, integer, nullable, number, object, oneOf, type Shape, text } from './shape.ts';

/**
 * The journal is the record of what the harness saw. Tests and the verdict read it; replication never does. No member can hold
 * a password, token, cookie, key or code.
 */

/** Changes when a member goes or changes its meaning. New kinds and members come without a new format: readers pass over them. */
export const JOURNAL_FORMAT = 2;

/** The details of each kind. docs/journal.md has the same, with an example of each. */
export const JOURNAL_DETAILS = {
  start: day.start,
  window: day.window,
  clock: day.clock,
  run: day.run,
  reset: day.reset,
  snapshot: day.snapshot,
  restore: day.snapshot,
  trades: day.trades,
  registration: day.registration,
  broadcast: day.broadcast,
  switch: day.switchOver,
  admits: day.admits,
  loss: day.loss,
  secured: connections.secured,
  'tls-refused': connections.tlsRefused,
  'ssh-opened': connections.sshOpened,
  closed: connections.closed,
  answer: requests.answer,
  refusal: requests.refusal,
  logon: requests.logon,
  logoff: requests.logoff,
  'session-ended': requests.sessionEnded,
  upload: business.upload,
  batch: business.batch,
  instruction: business.instruction,
  transfer: business.transfer,
  administration: business.administration,
  simulation: business.simulation,
  report: files.report,
  open: files.open,
  download: files.download,
  healed: day.healed,
  error: day.error,
  gap: day.gap,
} as const;

export type JournalKind = keyof typeof JOURNAL_DETAILS;
export const JOURNAL_KINDS = Object.keys(JOURNAL_DETAILS) as JournalKind[];
export type JournalDetails = { readonly [K in JournalKind]: Fits<(typeof JOURNAL_DETAILS)[K]> };

/** By which protocol a client came; `admin` = the tester's. */
export const JOURNAL_PROTOCOLS = [...PROTOCOLS, 'admin'] as const;

const WHO = {
  centre: nullable(oneOf(CENTRE_NAMES, 'The centre that saw it')),
  service: nullable(oneOf(SERVICE_NAMES, 'The service that it is about')),
  protocol: nullable(oneOf(JOURNAL_PROTOCOLS, 'By which protocol the client came; null = no client')),
  via: nullable(oneOf(VIAS, "How the connection came: over the line, or directly to the centre's port")),
  connection: nullable(text('Names the connection, such as p-https-3; unique in the harness')),
  request: nullable(text('Names the request, such as p-https-3.7: connection and a number within it')),
  session: nullable(text('Names the session, such as b-12; unique in the harness')),
  participant: nullable(text('Participant ID')),
  user: nullable(text('User ID')),
  fault: nullable(text('The armed fault that caused this entry; null in this version')),
} satisfies Readonly<Record<string, Shape<string | null>>>;

/** The members that every entry has, beside `kind` and `detail`. */
export const JOURNAL_HEAD = object({
  seq: integer('Number, from 1; never used again'),
  at: instant('Market time: milliseconds since 1970-01-01T00:00Z'),
  wallMs: number('Wall time: Unix milliseconds with one decimal. It never falls while the process lives'),
  ...WHO,
});
export type JournalHead = Fits<typeof JOURNAL_HEAD>;

/** What the caller knows of the head; the rest becomes null. */
export type JournalWho = { readonly [N in keyof typeof WHO]?: Fits<(typeof WHO)[N]> };
export type WhoMember = keyof typeof WHO;
export const WHO_MEMBERS = Object.keys(WHO) as WhoMember[];

export type EntryOf<K extends JournalKind> = JournalHead & { readonly kind: K; readonly detail: JournalDetails[K] };
/** One entry of any kind: `kind` tells which details it has. */
export type JournalEntry = { [K in JournalKind]: EntryOf<K> }[JournalKind];

/** Every given member must match. */
export interface JournalFilter extends Partial<Readonly<Record<Exclude<WhoMember, 'fault'>, string>>> {
  readonly centre?: CentreName;
  readonly service?: ServiceName;
  readonly protocol?: Protocol | 'admin';
  readonly via?: Via;
  readonly kinds?: readonly JournalKind[];
  /** Of a refusal, or of an entry that names one: `answer`, `tls-refused`, `closed`. */
  readonly code?: string;
  /** Only entries with a higher number. */
  readonly after?: number;
  /** At most this many, the oldest first. Default 1,000. */
  readonly limit?: number;
  /** Include what was hidden by clearing. */
  readonly hidden?: boolean;
}

/** The codes that `JournalFilter.code` can ask for. */
export const JOURNAL_CODES = [...new Set([...REFUSAL_CODES, ...connections.CONNECTION_REFUSALS])];
