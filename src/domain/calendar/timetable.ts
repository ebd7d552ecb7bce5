import type { CentreName, Channel, Instant, ParticipantType, ServiceName, Words } from '../nouns/market.ts';
import { type Refusal, type RefusalCode, refuse } from '../refusal.ts';
import { addDays, marketDate, startOfDay } from './calendar.ts';
import { belongsTo, type Operation, type RehearsalSession } from './rehearsal.ts';
import { type ClosedFacts, closedWords, notEntitledWords, notRegisteredWords } from './timetable-words.ts';
import { type Days, hourWindows, isOpenAt, sessionWindows, type Window, windowsAbout, windowsAt } from './windows.ts';

/**
 * What is open, when and for whom. A window includes its first instant and excludes its last. On a rehearsal day the
 * sessions replace every daily window; on other days the normal hours apply; a rehearsal that is always open
 * has no hours. Which centre is active does not matter here (see failover).
 */

/** What is to be open, and for whom. Members that are left out are not checked: without a caller it is for anyone. */
export interface OpeningQuestion {
  readonly at: Instant;
  readonly service: ServiceName;
  readonly operation: Operation;
  readonly channel?: Channel | undefined;
  readonly participantType?: ParticipantType | undefined;
  /** Its ID, for the words alone. */
  readonly participant?: string;
  /** The participant is not in the books: its next opening is the next one for anybody. */
  readonly stranger?: boolean;
  /** Whether the participant may join a session that begins at `from`: it is registered, or need not be. */
  readonly registered?: (from: Instant) => boolean;
  /** It is logged on: what is open now needs no registration any more, what opens later does. */
  readonly loggedOn?: boolean;
  /** Whether the participant logged on in an earlier session of this rehearsal. Reads the books, so only called if needed. */
  readonly tookPart?: () => boolean;
  /** Whether the final settlement run of the day is over. Only called if needed. */
  readonly finalRunOver?: () => boolean;
}

/** When an operation opens next; `centre` null = the active one (normal hours). */
export interface NextOpening {
  readonly at: Instant;
  readonly centre: CentreName | null;
  readonly session: RehearsalSession | null;
  /** What must be over by then. */
  readonly after: 'final-run' | null;
}

export type Opening =
  /** `session` null = normal hours or always open; `until` null = always. */
  | { readonly open: true; readonly session: RehearsalSession | null; readonly until: Instant | null }
  | { readonly open: false; readonly why: Why; readonly next: NextOpening | null; readonly refusal: Refusal };

/** Why an operation is not open: the first reason in this order. */
export type Why = 'closed' | 'operation' | 'channel' | 'audience' | 'took-part' | 'registration' | 'final-run';

const REFUSAL: Readonly<Record<Why, { readonly code: RefusalCode; readonly words: (facts: ClosedFacts) => Words }>> = {
  closed: { code: 'NOT_OPEN', words: closedWords },
  operation: { code: 'NOT_OPEN', words: closedWords },
  channel: { code: 'NOT_OPEN', words: closedWords },
  audience: { code: 'NOT_ENTITLED', words: notEntitledWords },
  'took-part': { code: 'NOT_ENTITLED', words: notEntitledWords },
  registration: { code: 'NOT_REGISTERED', words: notRegisteredWords },
  'final-run': { code: 'NOT_OPEN', words: closedWords },
};

/** How far ahead to search for the next opening. */
export const HORIZON_DAYS = 400;

/** Whether an operation is open to a caller at an instant; if not, the reason, the refusal, and when it opens next. */
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
  const found = whyClosed(now, question);
  const why = neverAdmits(days, question) ? 'audience' : found.why;
  const next = nextOpening(days, question);
  const { code, words } = REFUSAL[why];
  const detail = words({
    ...{ at, service, operation, why, next },
    now: found.candidates.length > 0 ? found.candidates : now,
    suspended: days.rehearsal.suspended.includes(marketDate(at)),
    type: question.participantType,
    participant: question.participant,
    otherwise: otherChannels(days, question, next),
    skipped: skippedSessions(days, question, next),
  });
  // Nobody knows when a late run will be over.
  const refusal = refuse(code, detail, next && why !== 'final-run' ? { retryAt: next.at } : {});
  return { open: false, why, next, refusal };
}

/** Whether a service is timetabled, but at no time for this type of participant: RAP is never for a custodian. */
function neverAdmits(days: Days, { service, participantType: type }: OpeningQuestion): boolean {
  const { alwaysOpen, sessions } = days.rehearsal;
  const timetabled = alwaysOpen
    ? [alwaysOpen[service]]
    : [...sessions.map(({ services }) => services[service]), ...days.hours.filter((row) => row.service === service)];
  const offers = timetabled.filter((offer) => offer !== undefined);
  return type !== undefined && offers.length > 0 && !offers.some(({ audience }) => belongsTo(audience, type));
}

/** The first condition that no window meets, and the windows that met those before it. */
function whyClosed(now: readonly Window[], question: OpeningQuestion): { why: Why; candidates: readonly Window[] } {
  let candidates = now.filter((window) => window.service === question.service);
  for (const [why, passes] of CONDITIONS_NOW) {
    const passed = candidates.filter((window) => passes(window, question));
    if (candidates.length > 0 && passed.length === 0) return { why, candidates };
    candidates = passed;
  }
  return { why: 'closed', candidates };
}

/** The sessions that begin before the caller's next opening and are not for this caller, each with the first reason. */
function skippedSessions(days: Days, question: OpeningQuestion, next: NextOpening | null): ClosedFacts['skipped'] {
  const later = laterQuestion(question);
  return sessionWindows(days).flatMap((window) => {
    const { from, session, service } = window;
    if (!session || service !== question.service || from <= question.at || (next && from >= next.at)) return [];
    const why = CONDITIONS.find(([, passes]) => !passes(window, later))?.[0];
    return why === undefined || why === 'operation' ? [] : [{ session, why }];
  });
}

/** The question about later windows, which need a log-on: for a stranger it is that of anybody by this channel. */
function laterQuestion({ stranger, loggedOn: _, ...question }: OpeningQuestion): OpeningQuestion {
  if (!stranger) return question;
  const { at, service, operation, channel } = question;
  return { at, service, operation, channel };
}

const CHANNELS: readonly Channel[] = ['C3T', 'PG'];

/** If the caller's channel is not known yet and the next opening excludes some channels: when those open. */
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
  // Only CCASS has channels: RAP and ORP Online have one way in each.
  [
    'channel',
    ({ service, session }, { channel }) =>
      service !== 'ccass' || !channel || !session || session.channels.includes(channel),
  ],
  ['audience', ({ offer }, { participantType: type }) => !type || belongsTo(offer.audience, type)],
  ['took-part', ({ session }, { tookPart }) => session?.requires !== 'took-part' || !tookPart || tookPart()],
  [
    'registration',
    ({ from, session }, { registered, loggedOn }) => !session || loggedOn || !registered || registered(from),
  ],
];

/** A condition for windows that have begun, not for later ones. */
const FINAL_RUN: (typeof CONDITIONS)[number] = [
  'final-run',
  ({ after }, { finalRunOver }) => after !== 'final-run' || !finalRunOver || finalRunOver(),
];
const CONDITIONS_NOW = [...CONDITIONS, FINAL_RUN];

/**
 * When the operation opens next for this caller, after `question.at`; null if nothing is timetabled within 400 days.
 * Windows that are open now do not count.
 */
export function nextOpening(days: Days, question: OpeningQuestion): NextOpening | null {
  const later = laterQuestion(question);
  const fits = (window: Window) =>
    window.from > question.at &&
    window.service === question.service &&
    CONDITIONS.every(([, passes]) => passes(window, later));
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
  // Rows that would not fit on any day are dropped first, so that a search without a result is short.
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
