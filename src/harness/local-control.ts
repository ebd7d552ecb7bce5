import type { HarnessState, RegistrationAnswer } from '../control/answers.ts';
import type { Control, ControlAnswer, ControlRequest } from '../control/control.ts';
import { journalFilter } from '../control/control.ts';
import { formatHkt, parseInstant } from '../domain/calendar/calendar.ts';
import { opening } from '../domain/calendar/timetable.ts';
import { type DaysWithReports, events, nextEvent } from '../domain/calendar/timetable-events.ts';
import type { SwitchMode, SwitchReport } from '../domain/change.ts';
import type { JournalEntry, JournalFilter } from '../domain/journal/journal-entry.ts';
import { nearest } from '../domain/nearest.ts';
import type { Broadcast, CentreName, Instant } from '../domain/nouns/market.ts';
import type { Report } from '../domain/nouns/reports.ts';
import { isRefusal, type Refusal, refuse } from '../domain/refusal.ts';
import type { TradeInput } from '../domain/risk/trade.ts';
import { inTurns } from '../service/in-turns.ts';
import type { RapService } from '../service/rap/rap.ts';
import type { ReportPlace } from '../service/reports/own-report.ts';
import type { Books } from '../store/books/books.ts';
import type { Store } from '../store/store.ts';
import type { ClockMoved, TestClock } from '../testbed/clock/clock.ts';
import type { Journal } from '../testbed/journal/journal.ts';

/** What Control steers; harness.ts fills it in. */
export interface Steered {
  readonly version: string;
  readonly seed: number;
  readonly days: DaysWithReports;
  readonly clock: TestClock;
  readonly journal: Journal;
  readonly line: () => string;
  readonly active: () => CentreName;
  readonly switchTo: (to: CentreName, mode: SwitchMode) => Promise<SwitchReport | Refusal>;
  readonly lag: { read(): number; set(lagMs: number): Promise<void>; behind(): number };
  readonly centres: Readonly<Record<CentreName, SteeredCentre>>;
  readonly registered: ReadonlySet<string>;
  readonly register: (participant: string, registered: boolean) => void;
  readonly broadcast: (message: Pick<Broadcast, 'kind' | 'subject' | 'text'>) => Promise<Broadcast | Refusal>;
  readonly ownReports: {
    publish(place: ReportPlace, bytes: Uint8Array): Promise<Report | Refusal>;
    withdraw(place: ReportPlace): Promise<ControlAnswer<'withdrawReport'> | Refusal>;
  };
  /** RAP of the active centre. */
  readonly rap: () => Pick<
    RapService,
    'keys' | 'addKey' | 'withdrawKey' | 'files' | 'publishPackage' | 'withdrawPackage'
  >;
  readonly addTrades: (trades: readonly TradeInput[]) => Promise<ControlAnswer<'addTrades'> | Refusal>;
  /** Something that a restart must remember has changed. */
  readonly remember: () => void;
}

export interface SteeredCentre {
  readonly store: Store;
  readonly url: () => string;
  readonly sessions: () => number;
  readonly connections: () => number;
  readonly batchesUnderWay: () => number;
}

const COMING = 20;
/** How far ahead coming events are looked for. */
const COMING_MS = 30 * 86_400_000;

/** Control in process. Every answer is plain data, the same that the admin server sends. */
export function localControl(steered: Steered): Control {
  const { clock, journal, days } = steered;
  const hongKong = (at: Instant) => formatHkt(at, 'seconds');
  const activeBooks = () => steered.centres[steered.active()].store.books;

  async function moved(move: () => Promise<ClockMoved | Refusal>) {
    const from = clock.now();
    const answer = await move();
    if (isRefusal(answer)) return answer;
    steered.remember();
    const fired = answer.fired.map(({ at, name }) => ({ at, hongKong: hongKong(at), name }));
    journal.note({
      kind: 'clock',
      detail: { from, to: answer.at, mode: answer.mode, rate: answer.rate, fired: fired.length },
    });
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

  function centreState(name: CentreName): HarnessState['centres']['primary'] {
    const centre = steered.centres[name];
    const { epoch, index } = centre.store.head();
    return {
      url: centre.url(),
      active: steered.active() === name,
      position: { epoch, index },
      sessions: centre.sessions(),
      connections: centre.connections(),
      instructions: centre.store.books.size('instruction'),
      batchesUnderWay: centre.batchesUnderWay(),
    };
  }

  function registration(): RegistrationAnswer {
    const asked = days.rehearsal.registration;
    const all = [...activeBooks().all('participant')].map((row) => row.id).sort();
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
        active: steered.active(),
        epoch: steered.centres[steered.active()].store.head().epoch,
        lagMs: steered.lag.read(),
        behind: steered.lag.behind(),
        line: steered.line(),
        centres: { primary: centreState('primary'), backup: centreState('backup') },
        open: now.open,
        session: now.open ? (now.session?.id ?? null) : null,
        next: next && {
          at: next.at,
          hongKong: hongKong(next.at),
          centre: next.centre ?? steered.active(),
          session: next.session?.id ?? 'normal hours',
        },
      };
    },
    clock: (request) => moved(() => moveClock(request)),
    async failover({ to, mode = 'drain' }) {
      const old = steered.centres[steered.active()];
      const sessions = old.sessions();
      const answer = await steered.switchTo(to, mode);
      if (isRefusal(answer)) return answer;
      steered.remember();
      return { ...answer, endedSessions: sessions - old.sessions() };
    },
    async lag({ lagMs }) {
      await steered.lag.set(lagMs);
      steered.remember();
      return { lagMs: steered.lag.read(), behind: steered.lag.behind() };
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
    async journal(request) {
      return { entries: await journal.query(journalFilter(request)), last: journal.size };
    },
    async clearJournal() {
      const cleared = journal.size;
      journal.clear();
      return { cleared };
    },
    registration: async () => registration(),
    async register({ participant, registered }) {
      const unknown = unknownIn(activeBooks(), participant);
      if (unknown) return unknown;
      steered.register(participant, registered);
      steered.remember();
      const by = days.rehearsal.registration?.by ?? null;
      journal.note({ kind: 'registration', participant, detail: { registered, rehearsal: days.rehearsal.id, by } });
      return registration();
    },
    broadcast: ({ kind = 'notice', subject, text }) => steered.broadcast({ kind, subject, text }),
    async reports({ participant }) {
      const unknown = participant === 'COMMON' ? null : unknownIn(activeBooks(), participant);
      if (unknown) return unknown;
      const all = [...activeBooks().all('report')];
      return { reports: participant === undefined ? all : all.filter((report) => report.participant === participant) };
    },
    publishReport: ({ content, ...place }) => steered.ownReports.publish(place, Buffer.from(content, 'base64')),
    withdrawReport: (place) => steered.ownReports.withdraw(place),
    rapKeys: async ({ participant }) => ({ keys: steered.rap().keys(participant) }),
    async addRapKey({ from, until, ...key }) {
      const [start, end] = [from, until].map((text) => (text === undefined ? undefined : parseInstant(text)));
      if (start === null) return notATime(from ?? '');
      if (end === null) return notATime(until ?? '');
      return steered.rap().addKey({ ...key, ...(start === undefined ? {} : { from: start }), until: end ?? null });
    },
    withdrawRapKey: (key) => steered.rap().withdrawKey(key),
    rapFiles: async ({ participant }) => ({ files: await steered.rap().files(participant) }),
    async publishRapPackage({ content, ...place }) {
      const files = await steered.rap().publishPackage({ ...place, csv: Buffer.from(content, 'base64') });
      return isRefusal(files) ? files : { files };
    },
    withdrawRapPackage: (place) => steered.rap().withdrawPackage(place),
    async trades({ participant }) {
      const unknown = unknownIn(activeBooks(), participant);
      if (unknown) return unknown;
      const all = participant === undefined ? [...activeBooks().all('trade')] : activeBooks().tradesOf(participant);
      return { trades: all.sort((a, b) => (a.number < b.number ? -1 : 1)) };
    },
    addTrades: ({ trades }) => steered.addTrades(trades),
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
    follow: (filter: JournalFilter, signal: AbortSignal): AsyncIterable<JournalEntry> =>
      journal.follow({ after: journal.size, ...filter }, signal),
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
