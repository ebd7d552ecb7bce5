import { isBusinessDay, marketDate } from '../../domain/calendar/calendar.ts';
import { isRehearsalDay, type Rehearsal, releaseAt } from '../../domain/calendar/rehearsal.ts';
import { opening } from '../../domain/calendar/timetable.ts';
import { type DaysWithReports, finalRun } from '../../domain/calendar/timetable-events.ts';
import type { Instant } from '../../domain/nouns/market.ts';
import type { Store } from '../../store/store.ts';
import type { Registration, Timetable } from '../context.ts';

/** The timetable of a rehearsal, with what the books of a centre say about it. `since` is the start of the books: runs before it count as done. */
export function timetableOf(
  days: DaysWithReports,
  since: Instant,
  store: Store,
  registration: Registration,
): Timetable {
  const { id: rehearsal, sessions } = days.rehearsal;
  // One lookup a session, not a search of all attendances.
  const tookPart = (participant: string) =>
    sessions.some(({ id }) => store.books.get('attendance', `${rehearsal}/${id}/${participant}`));
  const finalRunOver = (at: Instant) => {
    const run = finalRun(days, marketDate(at));
    return !run || run.at <= since || store.books.get('run', `${run.key}/${run.date}`) !== undefined;
  };
  return {
    isBusinessDay: (date) => isBusinessDay(date, days.holidays),
    opening({ at, service, operation, who }) {
      const type = who && store.books.get('participant', who.participant)?.type;
      const answer = opening(days, {
        at,
        service,
        operation,
        finalRunOver: () => finalRunOver(at),
        ...(who && {
          ...{ channel: who.channel ?? undefined, participant: who.participant, participantType: type },
          stranger: type === undefined,
          tookPart: () => tookPart(who.participant),
          // Who is taken off the list stays logged on, but a later session needs a log-on.
          registered: (from) => mayLogOn(registration, who.participant, from),
          loggedOn: operation !== 'logon',
        }),
      });
      if (!answer.open) return { open: null, why: answer.why, refused: answer.refusal };
      const { session } = answer;
      return {
        open: {
          session: session && { id: session.id, name: session.name, rehearsal: rehearsal },
          release: releaseAt(days.rehearsal, session, at),
        },
      };
    },
  };
}

function mayLogOn({ policy, isRegistered }: Registration, participant: string, at: Instant): boolean {
  return policy === 'warn' || isRegistered(participant, at);
}

/** Who is registered for a rehearsal day; `registered` may change at any time. */
export function registrationOf(rehearsal: Rehearsal, registered: ReadonlySet<string>): Registration {
  return {
    policy: rehearsal.registration?.policy ?? 'warn',
    isRegistered: (participant, at) =>
      rehearsal.registration === null || !isRehearsalDay(rehearsal, marketDate(at)) || registered.has(participant),
  };
}
