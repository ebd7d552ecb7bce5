import type { CentreName, Channel, Instant, MarketDate, ParticipantType, ServiceName } from '../nouns/market.ts';
import { type Refusal, refuse } from '../refusal.ts';
import { addDays, isBusinessDay, marketDate, startOfDay, timeOn } from './calendar.ts';
import {
  belongsTo,
  isRehearsalDay,
  type Offer,
  type Operation,
  type Rehearsal,
  type RehearsalSession,
  type Status,
} from './rehearsal.ts';
import { closedWords, notEntitledWords } from './timetable-words.ts';

/**
 * What is open, when, for whom. A window begins at its first instant and ends just before its last. On a day of the
 * rehearsal its sessions replace every daily window; on other business days the normal hours hold; a rehearsal that is
 * always open knows no hours. Which centre is active is another matter (failover).
 */

/** A row of the normal hours: these operations are open from `from` to `to` on every business day. */
export interface ServiceHours extends Offer {
  readonly service: ServiceName;
  readonly operations: readonly Operation[];
  /** `HH:MM`, Hong Kong time; `to` may be 24:00. */
  readonly from: string;
  readonly to: string;
  /** Open only when this is over, too, however late it ends: the last settlement run of the day. */
  readonly after?: 'final-run';
  readonly status: Status;
  readonly source: string;
}

export interface Days {
  readonly rehearsal: Rehearsal;
  readonly hours: readonly ServiceHours[];
  readonly holidays: ReadonlySet<MarketDate>;
}

/** What is asked. What is left out is not looked at, so that a question without a caller asks about anybody. */
export interface OpeningQuestion {
  readonly at: Instant;
  readonly service: ServiceName;
  readonly operation: Operation;
  readonly channel?: Channel | undefined;
  readonly participantType?: ParticipantType | undefined;
  /** Whether the participant logged on in an earlier session of this rehearsal: a fact of the books, asked for only where it decides. */
  readonly tookPart?: () => boolean;
  /** Whether the final settlement run of the day is over: the same. */
  readonly finalRunOver?: () => boolean;
}

/** When the asked-for operation opens next; `centre` null = whichever is active (normal hours). */
export interface NextOpening {
  readonly at: Instant;
  readonly centre: CentreName | null;
  readonly session: RehearsalSession | null;
  /** What else must be over by then. */
  readonly after: 'final-run' | null;
}

export type Opening =
  /** `session` null = normal hours or always open; `until` null = always. */
  | { readonly open: true; readonly session: RehearsalSession | null; readonly until: Instant | null }
  | { readonly open: false; readonly why: Why; readonly next: NextOpening | null; readonly refusal: Refusal };

/** The first thing that stands against it, in this order. */
export type Why = 'closed' | 'operation' | 'channel' | 'audience' | 'took-part' | 'final-run';

/** A stretch of time in which some of one service is open. */
export interface Window {
  readonly from: Instant;
  readonly to: Instant;
  readonly service: ServiceName;
  readonly offer: Offer;
  readonly session: RehearsalSession | null;
  readonly after: 'final-run' | null;
}

/** How far ahead a next opening is looked for. */
export const HORIZON_DAYS = 400;

/** Whether an operation is open to somebody at an instant; if not, why, the refusal to answer, and when it opens next. */
export function opening(days: Days, question: OpeningQuestion): Opening {
  const { at, service, operation } = question;
  const open = windowsAbout(days, at).filter(
    (window) =>
      isOpenAt(window, at) &&
      window.service === service &&
      CONDITIONS_NOW.every(([, passes]) => passes(window, question)),
  );
  const [first] = open;
  if (first) {
    const until = open.reduce((latest, window) => Math.max(latest, window.to), first.to);
    return { open: true, session: first.session, until: Number.isFinite(until) ? until : null };
  }
  const now = windowsAt(days, at);
  const { why: reason, left } = whyClosed(now, question);
  const next = nextOpening(days, question);
  const entitled = reason !== 'audience' && reason !== 'took-part';
  const facts = {
    at,
    service,
    operation,
    why: reason,
    next,
    now: left.length > 0 ? left : now,
    type: question.participantType,
    otherwise: otherChannels(days, question, next),
  };
  const refusal = refuse(
    entitled ? 'NOT_OPEN' : 'NOT_ENTITLED',
    entitled ? closedWords(facts) : notEntitledWords(facts),
    // When a run that is late will be over, nobody knows.
    next && reason !== 'final-run' ? { retryAt: next.at } : {},
  );
  return { open: false, why: reason, next, refusal };
}

/** The first hurdle that none of the windows passes, and those that came to it. */
function whyClosed(now: readonly Window[], question: OpeningQuestion): { why: Why; left: readonly Window[] } {
  let left = now.filter((window) => window.service === question.service);
  for (const [why, passes] of CONDITIONS_NOW) {
    const passed = left.filter((window) => passes(window, question));
    if (left.length > 0 && passed.length === 0) return { why, left };
    left = passed;
  }
  return { why: 'closed', left };
}

const CHANNELS: readonly Channel[] = ['C3T', 'PG'];

/** Where it is not known yet by which channel somebody comes, and the next opening is not for all: when it is for the others. */
function otherChannels(days: Days, question: OpeningQuestion, next: NextOpening | null) {
  const open = next?.session?.channels;
  if (question.service !== 'ccass' || question.channel || !open) return [];
  return CHANNELS.filter((channel) => !open.includes(channel)).map((channel) => ({
    channel,
    next: nextOpening(days, { ...question, channel }),
  }));
}

const CONDITIONS: readonly (readonly [Why, (window: Window, question: OpeningQuestion) => boolean])[] = [
  ['operation', ({ offer }, { operation }) => offer.operations === 'all' || offer.operations.includes(operation)],
  // Channels are those of CCASS: RAP and ORP Online have one way in each.
  [
    'channel',
    ({ service, session }, { channel }) =>
      service !== 'ccass' || !channel || !session || session.channels.includes(channel),
  ],
  ['audience', ({ offer }, { participantType: type }) => !type || belongsTo(offer.audience, type)],
  ['took-part', ({ session }, { tookPart }) => session?.requires !== 'took-part' || !tookPart || tookPart()],
];

/** Stands against a window that has begun, not against one that is to come. */
const FINAL_RUN: (typeof CONDITIONS)[number] = [
  'final-run',
  ({ after }, { finalRunOver }) => after !== 'final-run' || !finalRunOver || finalRunOver(),
];
const CONDITIONS_NOW = [...CONDITIONS, FINAL_RUN];

/**
 * When the asked-for operation, closed at `question.at`, opens next for this caller; null if nothing is timetabled within
 * 400 days. While it is open, the window after the present ones.
 */
export function nextOpening(days: Days, question: OpeningQuestion): NextOpening | null {
  const fits = (window: Window) =>
    window.from > question.at &&
    window.service === question.service &&
    CONDITIONS.every(([, passes]) => passes(window, question));
  const sessions = sessionWindows(days)
    .filter(fits)
    .sort((a, b) => a.from - b.from);
  const [session] = sessions;
  const first = firstHours(days, question.at, fits, session?.from ?? Number.POSITIVE_INFINITY) ?? session;
  if (!first) return null;
  const { from, session: ofRehearsal, after } = first;
  return { at: from, centre: ofRehearsal?.centre ?? null, session: ofRehearsal, after };
}

/** The first window of the normal hours that fits and begins before `before`. */
function firstHours(days: Days, at: Instant, fits: (window: Window) => boolean, before: Instant): Window | null {
  // Rows that would not fit on any day are dropped first, so that a question without an answer is a short one.
  const hours = days.hours.filter((row) => fits({ ...EVER, service: row.service, offer: row }));
  let date = marketDate(at);
  for (let n = 0; n <= HORIZON_DAYS && hours.length > 0 && startOfDay(date) < before; n++, date = addDays(date, 1)) {
    const found = hourWindows({ ...days, hours }, date).filter((window) => fits(window) && window.from < before);
    const [first] = found.sort((a, b) => a.from - b.from);
    if (first) return first;
  }
  return null;
}

const EVER = { from: Number.POSITIVE_INFINITY, to: Number.POSITIVE_INFINITY, session: null, after: null } as const;

/** Every window that is open at an instant. */
export function windowsAt(days: Days, at: Instant): readonly Window[] {
  return windowsAbout(days, at).filter((window) => isOpenAt(window, at));
}

const isOpenAt = ({ from, to }: Window, at: Instant) => from <= at && at < to;

const HOUR_MS = 3_600_000;
/** Asked twice a request: the windows of the last hour, and so of one date, are not made anew each time. */
const known = new WeakMap<Days, { readonly hour: number; readonly windows: readonly Window[] }>();

/** Those that may be open at an instant: of the rehearsal's sessions, and of its date. */
function windowsAbout(days: Days, at: Instant): readonly Window[] {
  const hour = Math.floor(at / HOUR_MS);
  const last = known.get(days);
  if (last?.hour === hour) return last.windows;
  const { alwaysOpen } = days.rehearsal;
  const windows = alwaysOpen
    ? alwaysWindows(alwaysOpen)
    : [...sessionWindows(days), ...hourWindows(days, marketDate(at))];
  known.set(days, { hour, windows });
  return windows;
}

/** The normal hours of a day; none on a rehearsal day, on other than business days, or if the rehearsal is always open. */
export function hourWindows(days: Days, date: MarketDate): readonly Window[] {
  const { rehearsal, holidays, hours } = days;
  if (rehearsal.alwaysOpen || isRehearsalDay(rehearsal, date) || !isBusinessDay(date, holidays)) return [];
  return hours.map((row) => ({
    from: timeOn(date, row.from),
    to: timeOn(date, row.to),
    service: row.service,
    offer: row,
    session: null,
    after: row.after ?? null,
  }));
}

function sessionWindows({ rehearsal }: Days): readonly Window[] {
  return rehearsal.sessions.flatMap((session) =>
    offersOf(session.services).map(([service, offer]) => ({
      from: session.from,
      to: session.to,
      service,
      offer,
      session,
      after: null,
    })),
  );
}

function alwaysWindows(offers: Rehearsal['alwaysOpen']): readonly Window[] {
  const [from, to] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  return offersOf(offers ?? {}).map(([service, offer]) => ({ from, to, service, offer, session: null, after: null }));
}

function offersOf(offers: Readonly<Partial<Record<ServiceName, Offer>>>): readonly (readonly [ServiceName, Offer])[] {
  const services: readonly ServiceName[] = ['ccass', 'rap', 'orp'];
  return services.flatMap((service) => {
    const offer = offers[service];
    return offer ? [[service, offer] as const] : [];
  });
}
