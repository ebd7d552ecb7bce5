import type { HarnessState, RegistrationAnswer } from '../control/answers.ts';
import type { Control, ControlRequest } from '../control/control.ts';
import { journalFilter } from '../control/control.ts';
import { formatHkt, parseInstant } from '../domain/calendar/calendar.ts';
import { opening } from '../domain/calendar/timetable.ts';
import { type DaysWithReports, events, nextEvent } from '../domain/calendar/timetable-events.ts';
import { JOURNAL_FORMAT, type JournalEntry, type JournalFilter } from '../domain/journal/journal.ts';
import { nearest } from '../domain/nearest.ts';
import type { CentreName, Instant } from '../domain/nouns/market.ts';
import { isDiskFull, isRefusal, type Refusal, refuse, storageFull } from '../domain/refusal.ts';
import type { Switchover } from '../failover/switchover.ts';
import { inTurns } from '../service/in-turns.ts';
import type { CentreService } from '../service/service.ts';
import type { Books } from '../store/books/books.ts';
import type { ClockMoved, TestClock } from '../testbed/clock/clock.ts';
import type { Journal } from '../testbed/journal/journal.ts';
import type { BuiltCentre } from './centre-core.ts';
import { withJa4 } from './ja4.ts';
import type { ByCentre, Reach } from './reach.ts';

/** What Control steers. */
export interface Steered {
  readonly version: string;
  readonly seed: number;
  readonly days: DaysWithReports;
  readonly clock: TestClock;
  readonly journal: Journal;
  readonly switchover: Switchover;
  readonly centres: ByCentre<BuiltCentre>;
  readonly registered: Set<string>;
  readonly reach: () => Reach;
  /** The service of the active centre. */
  readonly service: () => CentreService;
  /** Something that a restart must remember has changed. */
  readonly remember: () => void;
}

const COMING = 20;
/** How far ahead coming events are looked for. */
const COMING_MS = 30 * 86_400_000;

const hongKong = (at: Instant) => formatHkt(at, 'seconds');

/** Control in process. Every answer is plain data, the same that the admin server sends. */
export function localControl(steered: Steered): Control {
  return refusingWhenFull({
    ...centreVerbs(steered),
    ...clockVerbs(steered),
    ...journalVerbs(steered),
    ...registrationVerbs(steered),
    ...marketVerbs(steered),
    ...rapVerbs(steered),
  });
}

/** A disk that is full refuses what had to be written, whichever operation it was. */
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

/** The service of the active centre, once every run of the risk platform that is due is in its books. */
async function afterRuns({ service }: Steered): Promise<CentreService> {
  await service().riskRuns.pending();
  return service();
}

function booksOf({ centres, switchover }: Steered): Books {
  return centres[switchover.active()].store.books;
}

function centreVerbs(steered: Steered): Pick<Control, 'state' | 'failover' | 'lag' | 'books'> {
  const { clock, days, switchover } = steered;
  const behind = () => switchover.replication()?.behind().length ?? 0;

  function centreState(name: CentreName): HarnessState['centres']['primary'] {
    const centre = steered.centres[name];
    const { epoch, index } = centre.store.head();
    return {
      url: steered.reach().urls[name],
      active: switchover.active() === name,
      position: { epoch, index },
      sessions: centre.sessions.count(),
      connections: steered.reach().connected[name].connections(),
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
        version: steered.version,
        simulated: true,
        seed: steered.seed,
        rehearsal: days.rehearsal.id,
        market: { at, hongKong: hongKong(at), mode, rate },
        active: switchover.active(),
        epoch: steered.centres[switchover.active()].store.head().epoch,
        lagMs: switchover.lagMs(),
        behind: behind(),
        line: steered.reach().lines.https,
        centres: { primary: centreState('primary'), backup: centreState('backup') },
        open: now.open,
        session: now.open ? (now.session?.id ?? null) : null,
        next: next && {
          at: next.at,
          hongKong: hongKong(next.at),
          centre: next.centre ?? switchover.active(),
          session: next.session?.id ?? 'normal hours',
        },
      };
    },
    async failover({ to, mode = 'drain' }) {
      const old = steered.centres[switchover.active()];
      const sessions = old.sessions.count();
      const answer = await switchover.switchTo(to, mode);
      if (isRefusal(answer)) return answer;
      steered.remember();
      return { ...answer, endedSessions: sessions - old.sessions.count() };
    },
    async lag({ lagMs }) {
      await switchover.setLag(lagMs);
      steered.remember();
      return { lagMs: switchover.lagMs(), behind: behind() };
    },
    async books() {
      // Both begin in this turn, so that the two digests are of one moment.
      const of = async (name: CentreName) => {
        const { store } = steered.centres[name];
        const { epoch, index } = store.head();
        return { position: { epoch, index }, digest: await inTurns(store.books.digestSteps()) };
      };
      const [primary, backup] = await Promise.all([of('primary'), of('backup')]);
      const centres = { primary, backup };
      return { equal: centres.primary.digest === centres.backup.digest, centres };
    },
  };
}

function clockVerbs(steered: Steered): Pick<Control, 'clock' | 'rehearsal'> {
  const { clock, days, journal } = steered;

  async function moved(move: () => Promise<ClockMoved | Refusal>) {
    const from = clock.now();
    const answer = await move();
    if (isRefusal(answer)) return answer;
    steered.remember();
    const fired = answer.fired.map(({ at, name }) => ({ at, hongKong: hongKong(at), name }));
    const { at: to, mode, rate } = answer;
    journal.note('clock', {}, { from, to, mode, rate, fired: fired.length });
    return { at: answer.at, hongKong: hongKong(answer.at), mode: answer.mode, rate: answer.rate, fired };
  }

  function moveClock(request: ControlRequest<'clock'>): Promise<ClockMoved | Refusal> {
    if ('freeze' in request) return clock.freeze();
    if ('rate' in request) return clock.run(request.rate);
    if ('advanceMs' in request) return clock.moveTo(clock.now() + request.advanceMs);
    const to = 'set' in request ? parseInstant(request.set) : nextPoint(request.advanceTo);
    if (to !== null) return clock.moveTo(to);
    return Promise.resolve('set' in request ? notATime(request.set) : nothingComes());
  }

  function nextPoint(point: 'next-opening' | 'next-closing' | 'next-event'): Instant | null {
    const kinds = { 'next-opening': ['opens'], 'next-closing': ['closes'], 'next-event': undefined } as const;
    return nextEvent(days, clock.now(), kinds[point])?.at ?? null;
  }

  return {
    clock: (request) => moved(() => moveClock(request)),
    async rehearsal() {
      const { id, title, source, sessions } = days.rehearsal;
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
        coming: events(days, at, at + COMING_MS)
          .slice(0, COMING)
          .map((event) => ({ at: event.at, hongKong: hongKong(event.at), kind: event.kind, what: event.what.en })),
      };
    },
  };
}

function journalVerbs({ journal }: Steered): Pick<Control, 'journal' | 'clearJournal' | 'follow'> {
  return {
    async journal(request) {
      const found = await journal.query(journalFilter(request));
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

function registrationVerbs(steered: Steered): Pick<Control, 'registration' | 'register'> {
  const { days, journal } = steered;

  function registration(): RegistrationAnswer {
    const asked = days.rehearsal.registration;
    const all = [...booksOf(steered).all('participant')].map((row) => row.id).sort();
    const has = (id: string) => asked === null || steered.registered.has(id);
    return {
      rehearsal: days.rehearsal.id,
      by: asked?.by ?? null,
      policy: asked?.policy ?? 'warn',
      registered: all.filter(has),
      notRegistered: all.filter((id) => !has(id)),
    };
  }

  return {
    registration: async () => registration(),
    async register({ participant, registered }) {
      const unknown = unknownIn(booksOf(steered), participant);
      if (unknown) return unknown;
      if (registered) steered.registered.add(participant);
      else steered.registered.delete(participant);
      steered.remember();
      const { registration: rules, id: rehearsal } = days.rehearsal;
      journal.note('registration', { participant }, { registered, rehearsal, ...(rules && { by: rules.by }) });
      return registration();
    },
  };
}

function marketVerbs(
  steered: Steered,
): Pick<Control, 'broadcast' | 'reports' | 'publishReport' | 'withdrawReport' | 'trades' | 'addTrades'> {
  const { service } = steered;
  return {
    broadcast: ({ kind = 'notice', subject, text }) => service().sendBroadcast({ kind, subject, text }),
    async reports({ participant }) {
      const unknown = participant === 'COMMON' ? null : unknownIn(booksOf(steered), participant);
      if (unknown) return unknown;
      const all = [...booksOf(steered).all('report')];
      return { reports: participant === undefined ? all : all.filter((report) => report.participant === participant) };
    },
    publishReport: ({ content, ...place }) => service().publishCustomReport(place, Buffer.from(content, 'base64')),
    withdrawReport: (place) => service().withdrawCustomReport(place),
    async trades({ participant }) {
      const unknown = unknownIn(booksOf(steered), participant);
      if (unknown) return unknown;
      const all =
        participant === undefined ? [...booksOf(steered).all('trade')] : booksOf(steered).tradesOf(participant);
      return { trades: all.sort((a, b) => (a.number < b.number ? -1 : 1)) };
    },
    // A run that is due knows nothing of a trade that comes after it.
    addTrades: async ({ trades }) => (await afterRuns(steered)).addTrades(trades),
  };
}

function rapVerbs(
  steered: Steered,
): Pick<Control, 'rapKeys' | 'addRapKey' | 'withdrawRapKey' | 'rapFiles' | 'publishRapPackage' | 'withdrawRapPackage'> {
  const { service } = steered;
  return {
    rapKeys: async ({ participant }) => ({ keys: service().rap.keys(participant) }),
    async addRapKey({ from, until, ...key }) {
      const [start, end] = [from, until].map((text) => (text === undefined ? undefined : parseInstant(text)));
      if (start === null) return notATime(from ?? '');
      if (end === null) return notATime(until ?? '');
      return service().rap.addKey({ ...key, ...(start === undefined ? {} : { from: start }), until: end ?? null });
    },
    withdrawRapKey: (key) => service().rap.withdrawKey(key),
    rapFiles: async ({ participant }) => ({ files: (await afterRuns(steered)).rap.files(participant) }),
    async publishRapPackage({ content, ...place }) {
      // A run that is due would take the place back.
      const { rap } = await afterRuns(steered);
      const files = await rap.publishPackage({ ...place, csv: Buffer.from(content, 'base64') });
      return isRefusal(files) ? files : { files };
    },
    withdrawRapPackage: (place) => service().rap.withdrawPackage(place),
  };
}

function notATime(text: string): Refusal {
  return refuse('BAD_REQUEST', {
    en: `"${text}" is no time. Write Hong Kong time such as 2021-07-24T16:30, or ISO 8601 with a zone.`,
    zh: `「${text}」並非時間。請使用香港時間，例如 2021-07-24T16:30，或附時區的 ISO 8601。`,
  });
}

function nothingComes(): Refusal {
  return refuse('NOT_FOUND', {
    en: 'The timetable has nothing more of that kind. Set a time instead, or load a rehearsal: --rehearsal 2021-07-24',
    zh: '時間表上再無此類事件。請直接設定時間，或載入演習：--rehearsal 2021-07-24',
  });
}

/** A participant that was asked for and that the market lacks: an empty list would look like an answer. */
function unknownIn(books: Books, asked: string | undefined): Refusal | null {
  if (asked === undefined || books.get('participant', asked)) return null;
  const known = [...books.all('participant')].map((row) => row.id);
  const near = nearest(asked, known).join(', ') || known.slice(0, 5).join(', ');
  return refuse('NOT_FOUND', {
    en: `The market has no participant ${asked}. Nearest: ${near}`,
    zh: `市場並無參與者 ${asked}。最接近者：${near}`,
  });
}
