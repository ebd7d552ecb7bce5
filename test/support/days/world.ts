import { instant } from '../../../src/domain/calendar/calendar.ts';
import { isRefusal } from '../../../src/domain/refusal.ts';
import type { InstructionRow } from '../../../src/domain/settlement/batch.ts';
import { type BuiltCentre, buildCentre } from '../../../src/harness/centre-core.ts';
import { riskSetup } from '../../../src/harness/risk-setup.ts';
import { compiledLayouts } from '../../../src/loading/layouts.ts';
import { type Fixtures, loadFixtures } from '../../../src/loading/loading.ts';
import { seedChanges } from '../../../src/loading/seed.ts';
import type { Session } from '../../../src/service/access/sessions.ts';
import { type MarketDay, startMarketDay } from '../../../src/service/day/alarms.ts';
import { MemoryBlobs } from '../../../src/store/blobs/memory-blobs.ts';
import type { ChangeLog } from '../../../src/store/log/log.ts';
import { createMemoryLog } from '../../../src/store/log/memory-log.ts';
import { openStore } from '../../../src/store/store.ts';
import { createClock, type TestClock } from '../../../src/testbed/clock/clock.ts';
import { Journal } from '../../../src/testbed/journal/journal.ts';

/** The day of both margin processes, so that every report of the catalogue is made on it. */
export const DAY = '2021-02-10';
export const STARTS = `${DAY}T08:05`;
export const PARTICIPANTS = ['B09901', 'B09902', 'C09901'] as const;
export type Id = (typeof PARTICIPANTS)[number];
export const STOCKS = [
  ['00005', 'GB0005405286'],
  ['00700', 'KYG875721634'],
] as const;
export const CALLER = { service: 'ccass', address: '127.0.0.1', userAgent: 'a test', connection: null } as const;

/** One centre with its market day, without sockets and without a second one. */
export interface World {
  readonly centre: BuiltCentre;
  readonly log: ChangeLog;
  readonly clock: TestClock;
  readonly fixtures: Fixtures;
  session(participant: Id, user?: string): Session;
  [Symbol.asyncDispose](): Promise<void>;
}

const base = await loadFixtures();

/** Everybody has shares of every stock in two accounts and enough money, so that nothing fails for lack of them. */
const RICH: Fixtures = {
  ...base,
  holdings: PARTICIPANTS.flatMap((participant) =>
    ['01', '03'].flatMap((account) =>
      STOCKS.map(([stock]) => ({ participant, account, stock, quantity: 100_000_000 })),
    ),
  ),
  // Under way on the day, so that the file of announcements is made.
  announcements: base.announcements.map((row) => ({ ...row, announcedOn: DAY })),
};

/** @param change how this world differs from others */
export async function world(change: (fixtures: Fixtures) => Fixtures = (same) => same): Promise<World> {
  const fixtures = change(RICH);
  const late: { centre?: BuiltCentre } = {};
  const clock = createClock({
    at: instant(STARTS),
    mode: 'frozen',
    underWay: () => {
      const batches = late.centre?.service.batches;
      const references = batches?.underWay() ?? [];
      return async () => batches?.done(references);
    },
    onError: (error) => {
      throw error;
    },
  });
  const journal = new Journal({ clock, version: 'test' });
  const log = createMemoryLog();
  const since = clock.now();
  const centre = buildCentre('primary', await openStore({ log, blobs: new MemoryBlobs(), clock }), {
    fixtures,
    layouts: compiledLayouts(fixtures),
    risk: riskSetup(fixtures, 1, since),
    uploadLimitBytes: 1_000_000,
    clock,
    journal,
    line: () => 'https://line',
    registered: new Set(),
    since,
  });
  late.centre = centre;
  await centre.store.openEpoch(1, 'primary', seedChanges(fixtures, since));
  centre.admitting = true;
  const { service } = centre;
  const marketDay: MarketDay = startMarketDay({
    days: fixtures,
    clock,
    since,
    window: () => undefined,
    async run({ run, key, date, at, availableAt }) {
      await service.runReport(run, { key, businessDate: date, at, availableAt });
    },
    async marketRun(run) {
      await service.marketRun(run);
    },
    riskRuns: async () => undefined,
    rollBack: async () => undefined,
    switchTo: async () => undefined,
    notice: async () => undefined,
  });
  const sessions = new Map<string, Session>();
  return {
    centre,
    log,
    clock,
    fixtures,
    session(participant, user = 'MAKER01') {
      const key = `${participant}/${user}`;
      const facts = {
        service: 'ccass',
        participant,
        user,
        channel: 'C3T',
        centre: 'primary',
        startedAt: since,
      } as const;
      const session = sessions.get(key) ?? centre.sessions.start(facts).session;
      sessions.set(key, session);
      return session;
    },
    async [Symbol.asyncDispose]() {
      marketDay.stop();
      clock.stop();
      journal.close();
      await centre.close();
    },
  };
}

export async function moveTo({ clock }: World, to: number): Promise<void> {
  const moved = await clock.moveTo(to);
  if (isRefusal(moved)) throw new Error(moved.detail.en);
}

/** The fields of an instruction that are private to a participant, and those agreed with the counterparty. */
export type Own = Pick<InstructionRow, 'reference' | 'account' | 'narrative' | 'hold'>;
export type Agreed = Pick<InstructionRow, 'stock' | 'isin' | 'quantity' | 'payment' | 'amountCents'>;

export function row(agreed: Agreed, own: Own, side: 'D' | 'R', counterparty: string): InstructionRow {
  const currency = agreed.payment === 'FOP' ? '' : 'HKD';
  return { ...agreed, ...own, side, counterparty, currency, settlementDate: DAY };
}
