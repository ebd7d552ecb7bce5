import type { ClockAnswer, HarnessState, SnapshotAnswer } from '../../src/control/answers.ts';
import type { Control } from '../../src/control/control.ts';
import { journalFilter, LONGEST_MOVE_MS } from '../../src/control/control.ts';
import { formatHkt, isMarketDate, parseInstant } from '../../src/domain/calendar/calendar.ts';
import {
  JOURNAL_FORMAT,
  type JournalDetails,
  type JournalEntry,
  type JournalKind,
} from '../../src/domain/journal/journal.ts';
import type { CentreName } from '../../src/domain/nouns/market.ts';
import { type Refusal, refuse } from '../../src/domain/refusal.ts';
import { Journal } from '../../src/testbed/journal/journal.ts';
import { badRequest, fakeRap } from './fake-rap.ts';

const OPENING = parseInstant('2021-07-24T16:30') ?? 0;
const CLOSING = parseInstant('2021-07-24T18:30') ?? 0;

export interface FakeControl extends Control {
  /** Adds an entry to the journal. */
  note<K extends JournalKind>(kind: K, detail: JournalDetails[K], participant?: string): JournalEntry;
  /** Number of open `follow` streams. */
  readonly following: number;
}

/** A Control without a harness that passes the contract suite: for tests of the admin server and the remote control. */
export function fakeControl(): FakeControl {
  let at = parseInstant('2021-07-24T16:25') ?? 0;
  let mode: 'running' | 'frozen' = 'frozen';
  let rate = 1;
  let active: CentreName = 'primary';
  let epoch = 1;
  let lagMs = 0;
  let following = 0;
  let broadcasts = 0;
  const registered = new Set(['B09901', 'B09902']);

  const journal = new Journal({ clock: { now: () => at }, version: '0.0.0' });

  function note<K extends JournalKind>(kind: K, detail: JournalDetails[K], participant: string | null = null) {
    const noted: JournalEntry[] = [];
    const off = journal.on((entry) => void noted.push(entry));
    journal.note(kind, { participant }, detail);
    off();
    const [entry] = noted;
    if (!entry) throw new Error(`${kind} was not noted`);
    return entry;
  }
  const noteClock = (from: number) => note('clock', { from, to: at, mode, rate, fired: 0 });
  const reading = (fired: ClockAnswer['fired'] = []): ClockAnswer => ({
    at,
    hongKong: formatHkt(at, 'seconds'),
    mode,
    rate,
    behindMs: 0,
    fired,
  });
  const moveTo = (to: number): ClockAnswer | Refusal => {
    if (to < at) return refuse('CLOCK_BACKWARDS', { en: 'Name a later instant.', zh: '請指定較後的時刻。' });
    const alarms = [OPENING, CLOSING].filter((alarm) => alarm > at && alarm <= to);
    const from = at;
    at = to;
    noteClock(from);
    return reading(alarms.map((alarm) => ({ at: alarm, hongKong: formatHkt(alarm, 'seconds'), name: 'session' })));
  };
  const centre = (name: CentreName): HarnessState['centres'][CentreName] => ({
    url: `https://127.0.0.1/${name}`,
    active: name === active,
    position: { epoch, index: 7 },
    sessions: 0,
    connections: 0,
    instructions: 0,
    batchesUnderWay: 0,
  });
  const registration = () => ({
    rehearsal: '2021-07-24',
    by: '2021-07-21',
    policy: 'deny' as const,
    registered: [...registered],
    notRegistered: ['B09903'].filter((id) => !registered.has(id)),
    warnings: [],
  });

  const from = at;
  const snapshots = new Map<string, SnapshotAnswer>();
  const noSnapshot = (name: string) =>
    refuse('NOT_FOUND', { en: `There is no snapshot ${name}.`, zh: `並無快照 ${name}。` });
  const isHere = (participant: string) => /^B0990\d$/.test(participant);
  const unknown = (participant: string) =>
    refuse('NOT_FOUND', { en: `No participant ${participant}.`, zh: '沒有此參與者。' });
  const trade = {
    ...{ number: 'T000000001', participant: 'B09901', side: 'buy' as const, stock: '00005', quantity: 400 },
    ...{ currency: 'HKD' as const, amountCents: 1_740_000, tradeDate: '2021-07-23', settlementDate: '2021-07-27', at },
  };

  note('start', { version: '0.0.0', seed: 42, rehearsal: '2021-07-24', timetableSha256: '0'.repeat(64) });
  return {
    note,
    get following() {
      return following;
    },
    state: async () => ({
      product: 'ccass-harness',
      version: '0.0.0',
      simulated: true,
      seed: 42,
      rehearsal: '2021-07-24',
      market: { at, hongKong: formatHkt(at, 'seconds'), mode, rate },
      active,
      epoch,
      lagMs,
      behind: 0,
      line: 'https://127.0.0.1:7043',
      centres: { primary: centre('primary'), backup: centre('backup') },
      open: at >= OPENING && at < CLOSING,
      session: at >= OPENING && at < CLOSING ? 'session-1' : null,
      next:
        at < OPENING
          ? { at: OPENING, hongKong: formatHkt(OPENING, 'seconds'), centre: 'backup', session: 'session-1' }
          : null,
    }),
    async reset() {
      at = from;
      note('reset', {});
      return this.state({}) as Promise<HarnessState>;
    },
    snapshots: async () => ({ snapshots: [...snapshots.values()] }),
    async snapshot({ name }) {
      const taken = {
        name,
        at,
        hongKong: formatHkt(at, 'seconds'),
        active,
        position: { epoch, index: 7 },
        sizeBytes: 9,
      };
      snapshots.set(name, taken);
      return taken;
    },
    async removeSnapshot({ name }) {
      const found = snapshots.get(name);
      snapshots.delete(name);
      return found ?? noSnapshot(name);
    },
    async restore({ name }) {
      const found = snapshots.get(name);
      if (!found) return noSnapshot(name);
      at = found.at;
      return this.state({}) as Promise<HarnessState>;
    },
    clock: async (request) => {
      if ('freeze' in request) mode = 'frozen';
      else if ('rate' in request) {
        mode = 'running';
        rate = request.rate;
      } else if ('set' in request) {
        const to = parseInstant(request.set);
        if (to === null) return refuse('BAD_REQUEST', { en: 'Say 2021-07-24T16:30.', zh: '請用 2021-07-24T16:30。' });
        const farthest = at + LONGEST_MOVE_MS;
        return to > farthest
          ? refuse('BAD_REQUEST', {
              en: `Name a time up to ${formatHkt(farthest)}.`,
              zh: `時間不遲於 ${formatHkt(farthest)}。`,
            })
          : moveTo(to);
      } else return moveTo('advanceMs' in request ? at + request.advanceMs : at < OPENING ? OPENING : CLOSING);
      noteClock(at);
      return reading();
    },
    failover: async ({ to, mode: how = 'drain' }) => {
      if (to === active)
        return refuse('ALREADY_ACTIVE', { en: `${to} is active: name the other.`, zh: `${to} 已在運作。` });
      const from = active;
      active = to;
      epoch++;
      const lost = { changes: 0, batches: 0, instructions: 0, transfers: 0, reports: 0, userRequests: 0 };
      note('switch', { from, to, mode: how, epoch, shipped: 0, lost });
      return { from, to, mode: how, epoch, at, shipped: 0, lost: [], lostBatches: [], endedSessions: 2 };
    },
    lag: async (request) => {
      lagMs = request.lagMs;
      return { lagMs, behind: 0 };
    },
    books: async () => {
      const one = { position: { epoch, index: 7 }, digest: '0'.repeat(64) };
      return { equal: true, centres: { primary: one, backup: one } };
    },
    journal: async (request) => ({
      ...{ format: JOURNAL_FORMAT, last: journal.last, hiddenUpTo: journal.hiddenUpTo },
      entries: await journal.query(journalFilter(request)),
    }),
    clearJournal: async () => {
      const before = journal.hiddenUpTo;
      journal.clear();
      return { cleared: journal.hiddenUpTo - before, hiddenUpTo: journal.hiddenUpTo };
    },
    registration: async () => registration(),
    register: async ({ participant, registered: wanted }) => {
      if (!isHere(participant)) return unknown(participant);
      if (wanted) registered.add(participant);
      else registered.delete(participant);
      note('registration', { registered: wanted, rehearsal: '2021-07-24' }, participant);
      return { ...registration(), notRegistered: ['B09901', 'B09902', 'B09903'].filter((id) => !registered.has(id)) };
    },
    broadcast: async ({ kind = 'notice', subject, text }) => {
      const number = `N${String(++broadcasts).padStart(6, '0')}`;
      note('broadcast', { number, type: kind, subject, text });
      return { number, at, kind, subject, text };
    },
    reports: async ({ participant = 'B09901' }) => {
      if (participant !== 'COMMON' && !isHere(participant)) return unknown(participant);
      return {
        reports: [
          {
            reference: 'R00000001',
            id: 'ZSICR01',
            participant,
            businessDate: '2021-07-23',
            madeAt: at,
            availableAt: at,
            format: 'data',
            fileName: 'ZSICR01.txt',
            sizeBytes: 324,
            sha256: '0'.repeat(64),
            batch: null,
          },
        ],
      };
    },
    publishReport: async ({ content, ...place }) => {
      if (!isMarketDate(place.businessDate)) return badRequest();
      const sizeBytes = Buffer.byteLength(content, 'base64');
      const custom = { reference: 'R00000001', madeAt: at, availableAt: at, fileName: 'OWN.TXT', batch: null };
      return { ...place, ...custom, sizeBytes, sha256: '0'.repeat(64), inPlaceOf: null };
    },
    withdrawReport: async () => ({ reference: 'R00000001', restored: false }),
    ...fakeRap(),
    trades: async ({ participant = 'B09901' }) => (isHere(participant) ? { trades: [trade] } : unknown(participant)),
    addTrades: async ({ trades }) => ({
      trades: trades.map(({ account }) => (account === undefined ? trade : { ...trade, account })),
    }),
    rehearsal: async () => ({
      id: '2021-07-24',
      title: { en: 'Market rehearsal', zh: '市場演習' },
      source: 'a fake',
      sessions: [
        {
          id: 'session-1',
          name: { en: 'Session 1', zh: '第一節' },
          from: OPENING,
          to: CLOSING,
          hongKong: '2021-07-24 16:30 - 18:30 HKT',
          centre: 'backup',
          release: 'upgraded',
        },
      ],
      releases: [{ from: '2021-08-16', name: 'upgraded' }],
      coming: [{ at: OPENING, hongKong: formatHkt(OPENING), kind: 'opening', what: 'session 1 opens' }],
    }),
    async *follow(filter, signal) {
      following++;
      try {
        yield* journal.follow({ after: journal.last, ...filter }, signal);
      } finally {
        following--;
      }
    },
  };
}
