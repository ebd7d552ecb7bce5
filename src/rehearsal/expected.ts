import type { LoggedOn } from '../api/session.ts';
import type { Answered } from '../client/answer.ts';
import { addDays, isBusinessDay, marketDate } from '../domain/calendar/calendar.ts';
import {
  belongsTo,
  isRehearsalDay,
  type Operation,
  type Rehearsal,
  type RehearsalSession,
} from '../domain/calendar/rehearsal.ts';
import { CENTRE_WORDS } from '../domain/calendar/timetable-words.ts';
import type { Channel, Instant, MarketDate, ParticipantType, ServiceName } from '../domain/nouns/market.ts';
import type { RefusalCode } from '../domain/refusal.ts';
import { type Said, say } from './said.ts';

/**
 * What a rehearsal file demands, read from it directly rather than by the timetable that the harness itself uses.
 */

export interface Expecting {
  readonly rehearsal: Rehearsal;
  readonly holidays: ReadonlySet<MarketDate>;
  readonly policy: 'deny' | 'warn';
}

/** Who logs on. The channel counts at CCASS alone. */
export interface Who {
  readonly channel: Channel;
  readonly type: ParticipantType;
  readonly registered: boolean;
  readonly tookPart: boolean;
}

/** Whether a session offers this verb of a service. */
export function offers(session: RehearsalSession, operation: Operation, service: ServiceName = 'ccass'): boolean {
  const offer = session.services[service];
  return offer !== undefined && (offer.operations === 'all' || offer.operations.includes(operation));
}

/** The refusal that a log-on in a session must get; null = it must succeed. */
export function logOnRefusal(
  session: RehearsalSession,
  who: Who,
  policy: 'deny' | 'warn',
  service: ServiceName = 'ccass',
): RefusalCode | null {
  if (!offers(session, 'logon', service)) return 'NOT_OPEN';
  if (service === 'ccass' && !session.channels.includes(who.channel)) return 'NOT_OPEN';
  if (!belongsTo(session.services[service]?.audience ?? 'all', who.type)) return 'NOT_ENTITLED';
  if (session.requires === 'took-part' && !who.tookPart) return 'NOT_ENTITLED';
  return who.registered || policy === 'warn' ? null : 'NOT_REGISTERED';
}

/** Whether a service must be closed: on a day of the rehearsal, outside the sessions that offer it. */
export function isClosed(
  { rehearsal }: Pick<Expecting, 'rehearsal'>,
  at: Instant,
  service: ServiceName = 'ccass',
): boolean {
  const during = rehearsal.sessions.some(
    (session) => session.services[service] !== undefined && session.from <= at && at < session.to,
  );
  return !rehearsal.alwaysOpen && isRehearsalDay(rehearsal, marketDate(at)) && !during;
}

/** What is wrong with the next opening named by a log-on's refusal at `at`, or null: it has to be one for this participant. */
export function nextOpeningProblem(
  { rehearsal, holidays, policy }: Expecting,
  at: Instant,
  named: Instant | undefined,
  who: Who,
  service: ServiceName = 'ccass',
): Said | null {
  const later = rehearsal.sessions.filter((session) => session.from > at && offers(session, 'logon', service));
  const next = later.find((session) => logOnRefusal(session, who, policy, service) === null);
  if (named === undefined) return next ? say('it does not name the next opening', '並無說明下次開放時間') : null;
  if (named <= at) return say('the next opening it names is in the past', '所述的下次開放時間已過');
  if (named === next?.from || later.length === 0) return null;
  // Normal hours may come first, on a business day in between.
  let day = marketDate(at);
  while (isRehearsalDay(rehearsal, day) || !isBusinessDay(day, holidays)) day = addDays(day, 1);
  if (marketDate(named) === day && (!next || named < next.from)) return null;
  return say('expected {} as the next opening', '下次開放應為 {}', next?.id ?? day);
}

/** Why a token of `before` is no longer valid when `session` opens; null if it still is. */
export function whyEnded(
  { rehearsal }: Pick<Expecting, 'rehearsal'>,
  before: RehearsalSession,
  session: RehearsalSession,
  idleMinutes: number,
): 'switch' | 'roll-back' | 'idle' | null {
  // The centre recognises a token of the other centre, but does not know what else ended it there.
  if (before.centre !== session.centre) return 'switch';
  const between = (at: Instant) => before.from < at && at <= session.from;
  const left = Math.min(...rehearsal.switches.map(({ at }) => at).filter(between));
  const back = rehearsal.rollBack && between(rehearsal.rollBack.at) ? rehearsal.rollBack.at : Number.POSITIVE_INFINITY;
  if (back < left) return 'roll-back';
  if (left < Number.POSITIVE_INFINITY) return 'switch';
  return session.from - before.to >= idleMinutes * 60_000 ? 'idle' : null;
}

/** Centre, release and session of a log-on over HTTPS that differ from the rehearsal file. */
export function wrongPlace(
  session: RehearsalSession,
  { centre, certificate }: Pick<Answered, 'centre' | 'certificate'>,
  { release, rehearsalSession }: Pick<LoggedOn, 'release' | 'rehearsalSession'>,
): (Said | false)[] {
  return [
    ...wrongCentre(session, centre),
    !certificate.startsWith(session.centre) &&
      say('expected a certificate of {}', '證書應屬{}', CENTRE_WORDS[session.centre]),
    ...wrongRelease(session.release, release),
    rehearsalSession?.id !== session.id && wrongSession(rehearsalSession?.id),
  ];
}

export function wrongCentre(session: RehearsalSession, centre: string | null): (Said | false)[] {
  return [centre !== session.centre && say('expected {}', '應為{}', CENTRE_WORDS[session.centre])];
}

export function wrongRelease(release: string, came: string | null | undefined): (Said | false)[] {
  return [came !== release && say('expected release {}', '版本應為 {}', release)];
}

export function wrongSession(came: string | null | undefined): Said {
  return say('got session {}', '所處時段為 {}', came ?? say('none', '無'));
}

/** What is wrong with the reason for which a token is no longer valid. */
export function wrongReason(came: unknown, why: string | null): Said | null {
  return came === why ? null : say('got reason {}, expected {}', '原因為 {}，應為 {}', String(came), String(why));
}
