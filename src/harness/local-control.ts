import type { HarnessState, RegistrationAnswer } from '../control/answers.ts';
import type { Control, ControlRequest } from '../control/control.ts';
import { journalFilter, LONGEST_MOVE_MS } from '../control/control.ts';
import { formatHkt, marketDate, parseInstant } from '../domain/calendar/calendar.ts';
import { opening } from '../domain/calendar/timetable.ts';
import { events, nextEvent } from '../domain/calendar/timetable-events.ts';
import { JOURNAL_FORMAT, type JournalEntry, type JournalFilter } from '../domain/journal/journal.ts';
import type { CentreName, Instant, MarketDate, Words } from '../domain/nouns/market.ts';
import { isDiskFull, isRefusal, type Refusal, storageFull } from '../domain/refusal.ts';
import { inTurns } from '../service/in-turns.ts';
import type { ClockMoved } from '../testbed/clock/clock.ts';
import { attemptVerbs, inAttempts } from './attempt-verbs.ts';
import { noFurtherEvent, notATime, tooFarAhead, unknownIn, unknownReceiver } from './control-refusals.ts';
import { afterRuns, booksOf, type ControlTarget, serviceOf } from './control-target.ts';
import { withJa4 } from './ja4.ts';
import { rapVerbs } from './rap-verbs.ts';

/** Digests that `books` takes before it answers although rows keep changing. */
const MOST_DIGESTS = 10;
const COMING = 20;
/** How far ahead to look for coming events. */
const COMING_MS = 30 * 86_400_000;

const hongKong = (at: Instant) => formatHkt(at, 'seconds');

/** Control in this process. Every answer is plain data, the same that the admin server sends. */
export function localControl(target: ControlTarget): Control {
  const centres = centreVerbs(target);
  return inAttempts(
    refusingWhenFull({
      ...centres,
      ...attemptVerbs(target.attempts, centres.state),
      ...clockVerbs(target),
      ...journalVerbs(target),
      ...registrationVerbs(target),
      ...marketVerbs(target),
      ...rapVerbs(target),
    }),
  );
}

/** Refuses an operation whose write failed because the disk is full. */
function refusingWhenFull(control: Control): Control {
  const { follow, ...operations } = control;
  const refusing = Object.entries(operations).map(([name, operation]) => [
    name,
    async (request: never) => {
      try {
        return await operation(request);
      } catch (error) {
        if (isDiskFull(error)) return storageFull();
        throw error;
      }
    },
  ]);
  return { ...Object.fromEntries(refusing), follow };
}

function centreVerbs(target: ControlTarget): Pick<Control, 'state' | 'failover' | 'lag' | 'books'> {
  const { clock, days, market } = target;
  const switchover = () => market().switchover;
  const behind = () => switchover().replication()?.behind().length ?? 0;

  function centreState(name: CentreName): HarnessState['centres']['primary'] {
    const centre = market().centres[name];
    const { epoch, index } = centre.store.head();
    return {
      url: target.reach().urls[name],
      active: switchover().active() === name,
      position: { epoch, index },
      sessions: centre.sessions.count(),
      connections: target.reach().connected[name].connections(),
      instructions: centre.store.books.size('instruction'),
      batchesUnderWay: centre.service.batches.underWay().length,
    };
  }

  return {
    async state() {
      const { at, mode, rate } = clock.read();
      const now = opening(days, { at, service: 'ccass', operation: 'logon' });
      const next = now.open ? null : now.next;
      return {
        product: 'ccass-harness',
        version: target.version,
        simulated: true,
        seed: target.seed,
        rehearsal: days.rehearsal.id,
        market: { at, hongKong: hongKong(at), mode, rate },
        active: switchover().active(),
        epoch: market().active().store.head().epoch,
        lagMs: switchover().lagMs(),
        behind: behind(),
        line: target.reach().lines.https,
        centres: { primary: centreState('primary'), backup: centreState('backup') },
        open: now.open,
        session: now.open ? (now.session?.id ?? null) : null,
        next: next && {
          at: next.at,
          hongKong: hongKong(next.at),
          centre: next.centre ?? switchover().active(),
          session: next.session?.id ?? 'normal hours',
        },
      };
    },
    async failover({ to, mode = 'drain' }) {
      const old = market().active();
      const sessions = old.sessions.count();
      const answer = await switchover().switchTo(to, mode);
      if (isRefusal(answer)) return answer;
      target.remember();
      return { ...answer, endedSessions: sessions - old.sessions.count() };
    },
    async lag({ lagMs }) {
      await switchover().setLag(lagMs);
      target.remember();
      return { lagMs: switchover().lagMs(), behind: behind() };
    },
    async books() {
      const of = async (name: CentreName) => {
        const { store } = market().centres[name];
        const { epoch, index } = store.head();
        return { position: { epoch, index }, digest: await inTurns(store.books.digestSteps()) };
      };
      const heads = async () => {
        const { primary, backup } = market().centres;
        await Promise.all([primary.store.idle(), backup.store.idle()]);
        return JSON.stringify([primary.store.head(), backup.store.head()]);
      };
      // A digest takes many turns of the event loop. If rows changed meanwhile, the two are of no one moment: once more.
      for (let tries = 1; ; tries++) {
        const before = await heads();
        const [primary, backup] = await Promise.all([of('primary'), of('backup')]);
        if (tries < MOST_DIGESTS && (await heads()) !== before) continue;
        return { equal: primary.digest === backup.digest, centres: { primary, backup } };
      }
    },
  };
}

function clockVerbs(target: ControlTarget): Pick<Control, 'clock' | 'rehearsal'> {
  const { clock, days, journal } = target;

  async function moved(move: () => Promise<ClockMoved | Refusal>) {
    const from = clock.now();
    const answer = await move();
    if (isRefusal(answer)) return answer;
    target.remember();
    const fired = answer.fired.map(({ at, name }) => ({ at, hongKong: hongKong(at), name }));
    const { at: to, mode, rate } = answer;
    journal.note('clock', {}, { from, to, mode, rate, fired: fired.length });
    return { at: to, hongKong: hongKong(to), mode, rate, behindMs: answer.behindMs, fired };
  }

  function moveClock(request: ControlRequest<'clock'>): Promise<ClockMoved | Refusal> {
    if ('freeze' in request) return clock.freeze();
    if ('rate' in request) return clock.run(request.rate);
    if ('advanceMs' in request) return clock.moveTo((from) => from + request.advanceMs);
    if ('set' in request) return clock.moveTo((from) => instantToSet(from, request.set));
    return clock.moveTo((from) => nextPoint(from, request.advanceTo) ?? noFurtherEvent());
  }

  function instantToSet(from: Instant, text: string): Instant | Refusal {
    const to = parseInstant(text);
    if (to === null) return notATime(text);
    const farthest = from + LONGEST_MOVE_MS;
    return to > farthest ? tooFarAhead(text, farthest) : to;
  }

  function nextPoint(from: Instant, point: 'next-opening' | 'next-closing' | 'next-event'): Instant | null {
    const kinds = { 'next-opening': ['opens'], 'next-closing': ['closes'], 'next-event': undefined } as const;
    return nextEvent(days, from, kinds[point])?.at ?? null;
  }

  return {
    clock: (request) => moved(() => moveClock(request)),
    async rehearsal() {
      const { id, title, source, sessions, releases } = days.rehearsal;
      const at = clock.now();
      return {
        id,
        title,
        source,
        sessions: sessions.map(({ id: session, name, from, to, centre, release }) => ({
          id: session,
          name,
          from,
          to,
          hongKong: `${hongKong(from)} to ${hongKong(to)}`,
          centre,
          release,
        })),
        releases: releases.map(({ from, name }) => ({ from, name })),
        coming: events(days, at, at + COMING_MS)
          .slice(0, COMING)
          .map((event) => ({ at: event.at, hongKong: hongKong(event.at), kind: event.kind, what: event.what.en })),
      };
    },
  };
}

function journalVerbs(target: ControlTarget): Pick<Control, 'journal' | 'clearJournal' | 'follow'> {
  const { journal } = target;
  return {
    async journal(request) {
      const found = await journal.query(journalFilter(request));
      // An entry may name who is not in the market; a filter that finds nothing may be a slip.
      const unknown = found.length === 0 ? unknownReceiver(booksOf(target), request.participant) : null;
      if (unknown) return unknown;
      const entries = request.ja4 ? await withJa4(found) : found;
      return { format: JOURNAL_FORMAT, entries, last: journal.last, hiddenUpTo: journal.hiddenUpTo };
    },
    async clearJournal() {
      const before = journal.hiddenUpTo;
      journal.clear();
      return { cleared: journal.hiddenUpTo - before, hiddenUpTo: journal.hiddenUpTo };
    },
    follow: (filter: JournalFilter, signal: AbortSignal): AsyncIterable<JournalEntry> =>
      journal.follow({ after: journal.last, ...filter }, signal),
  };
}

function registrationVerbs(target: ControlTarget): Pick<Control, 'registration' | 'register'> {
  const { days, journal, clock } = target;

  function registration(): RegistrationAnswer {
    const rules = days.rehearsal.registration;
    const all = [...booksOf(target).all('participant')].map((row) => row.id).sort();
    const has = (id: string) => rules === null || target.registered.has(id);
    return {
      rehearsal: days.rehearsal.id,
      by: rules?.by ?? null,
      policy: rules?.policy ?? 'warn',
      registered: all.filter(has),
      notRegistered: all.filter((id) => !has(id)),
      warnings: [],
    };
  }

  return {
    registration: async () => registration(),
    async register({ participant, registered }) {
      const unknown = unknownIn(booksOf(target), participant);
      if (unknown) return unknown;
      if (registered) target.registered.add(participant);
      else target.registered.delete(participant);
      target.remember();
      const { registration: rules, id: rehearsal } = days.rehearsal;
      const isLate = registered && rules !== null && marketDate(clock.now()) > rules.by;
      const warnings = isLate ? [registeredLate(participant, rules.by, clock.now())] : [];
      const note = { registered, rehearsal, ...(rules && { by: rules.by }), ...(isLate && { warnings }) };
      journal.note('registration', { participant }, note);
      return { ...registration(), warnings };
    },
  };
}

/** The circular asks for it by a day (7 月 21 日或之前); the tester may do it later all the same. */
function registeredLate(participant: string, by: MarketDate, at: Instant): Words {
  return {
    en: `${participant} is registered after the last day, ${by}: market time is ${formatHkt(at)}. The harness accepts it; the circular asks for it by that day.`,
    zh: `${participant} 於截止日期 ${by} 後才登記（市場時間 ${formatHkt(at)}）。本系統仍予接受；通告要求於該日或之前登記。`,
  };
}

function marketVerbs(
  target: ControlTarget,
): Pick<Control, 'broadcast' | 'reports' | 'publishReport' | 'withdrawReport' | 'trades' | 'addTrades'> {
  const service = () => serviceOf(target);
  return {
    broadcast: ({ kind = 'notice', subject, text }) => service().sendBroadcast({ kind, subject, text }),
    async reports({ participant }) {
      const unknown = unknownReceiver(booksOf(target), participant);
      if (unknown) return unknown;
      const all = [...booksOf(target).all('report')];
      return { reports: participant === undefined ? all : all.filter((report) => report.participant === participant) };
    },
    publishReport: ({ content, ...place }) => service().publishCustomReport(place, Buffer.from(content, 'base64')),
    withdrawReport: (place) => service().withdrawCustomReport(place),
    async trades({ participant }) {
      const unknown = unknownIn(booksOf(target), participant);
      if (unknown) return unknown;
      const all = participant === undefined ? [...booksOf(target).all('trade')] : booksOf(target).tradesOf(participant);
      return { trades: all.sort((a, b) => (a.number < b.number ? -1 : 1)) };
    },
    // Due runs first: they must not include a trade that is added now.
    addTrades: async ({ trades }) => (await afterRuns(target)).addTrades(trades),
  };
}
