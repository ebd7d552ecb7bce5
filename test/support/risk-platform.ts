import { instant } from '../../src/domain/calendar/calendar.ts';
import type { Instant, MarketDate } from '../../src/domain/nouns/market.ts';
import type { RapFile } from '../../src/domain/nouns/reports.ts';
import { isRefusal } from '../../src/domain/refusal.ts';
import type { TradeInput } from '../../src/domain/risk/trade.ts';
import { buildCentre } from '../../src/harness/centre-core.ts';
import { daysOfTrades, riskSetup } from '../../src/harness/risk-setup.ts';
import { compiledLayouts } from '../../src/loading/layouts.ts';
import { type Fixtures, loadFixtures } from '../../src/loading/loading.ts';
import { seedChanges } from '../../src/loading/seed.ts';
import { ImrpfCache, type RiskSetup } from '../../src/service/risk/setup.ts';
import { unzipped } from '../../src/service/risk/unzipped.ts';
import { MemoryBlobs } from '../../src/store/blobs/memory-blobs.ts';
import type { ChangeLog } from '../../src/store/log/log.ts';
import { createMemoryLog } from '../../src/store/log/memory-log.ts';
import { openStore } from '../../src/store/store.ts';
import { createClock } from '../../src/testbed/clock/clock.ts';
import { Journal } from '../../src/testbed/journal/journal.ts';

export interface PlatformOptions {
  readonly rehearsal?: string;
  readonly seed?: number;
  readonly change?: (fixtures: Fixtures) => Fixtures;
  readonly setup?: (fixtures: Fixtures, since: Instant) => RiskSetup;
  readonly log?: ChangeLog;
}

/** The risk platform of one centre without listeners, on a frozen clock; nothing has run yet. */
export async function platform(
  since: string,
  { rehearsal, seed = 1, change = (all) => all, setup, log = createMemoryLog() }: PlatformOptions = {},
) {
  const fixtures = change(await loadFixtures(rehearsal === undefined ? {} : { rehearsal }));
  const clock = createClock({ at: instant(since), mode: 'frozen' });
  const journal = new Journal({ clock, version: 'test' });
  const risk = setup ? setup(fixtures, instant(since)) : riskSetup(fixtures, seed, instant(since));
  const shared = {
    fixtures,
    clock,
    journal,
    layouts: compiledLayouts(fixtures),
    uploadLimitBytes: 1000,
    line: () => '',
    registered: new Set<string>(),
    since: instant(since),
    risk,
  };
  const centre = buildCentre('primary', await openStore({ log, blobs: new MemoryBlobs(), clock }), shared);
  const days = daysOfTrades(fixtures, seed, instant(since));
  await centre.store.openEpoch(1, 'primary', seedChanges(fixtures, instant(since), days));
  const { books, blobs } = centre.store;
  const dataFile = (report: string, participant: string, date: MarketDate, snapshot: string): RapFile => {
    const found = [...books.all('rapFile')].find(
      (row) =>
        row.reportId === report &&
        row.participant === participant &&
        row.businessDate === date &&
        row.part === 'data' &&
        row.name.includes(`_${snapshot}_`),
    );
    if (!found) throw new Error(`no ${report} of ${participant} ${date} ${snapshot}`);
    return found;
  };
  const text = async (row: RapFile) => {
    const pieces: Buffer[] = [];
    for await (const piece of unzipped(blobs.open(row.sha256))) pieces.push(piece as Buffer);
    return Buffer.concat(pieces).toString('utf8');
  };
  return {
    centre,
    fixtures,
    risk,
    emptyCache: () => new ImrpfCache(),
    books,
    journal,
    clock,
    dataFile,
    csv: (...place: Parameters<typeof dataFile>) => text(dataFile(...place)),
    text,
    /** Moves market time and does what is due by then. */
    async at(time: string) {
      await clock.moveTo(instant(time));
      await centre.service.riskRuns.pending();
    },
    async trade(...trades: TradeInput[]) {
      await centre.service.riskRuns.pending();
      const answer = await centre.service.addTrades(trades);
      if (isRefusal(answer)) throw new Error(answer.detail.en);
      return answer.trades;
    },
    [Symbol.asyncDispose]: () => centre.close(),
  };
}
export type Platform = Awaited<ReturnType<typeof platform>>;
