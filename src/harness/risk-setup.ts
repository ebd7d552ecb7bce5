import { isBusinessDay, marketDate, previousBusinessDay, startOfDay } from '../domain/calendar/calendar.ts';
import { belongsTo } from '../domain/calendar/rehearsal.ts';
import type { Instant, MarketDate } from '../domain/nouns/market.ts';
import { dueRiskRuns } from '../domain/risk/risk-schedule.ts';
import { seededTrades } from '../domain/risk/seeded-trades.ts';
import type { Fixtures } from '../loading/loading.ts';
import type { DayOfTrades } from '../loading/seed.ts';
import { ImrpfCache, type RiskSetup, type UserImrpf } from '../service/risk/setup.ts';
import { createRandom } from '../testbed/random.ts';

export interface RiskOptions {
  readonly userImrpf?: UserImrpf | null;
  readonly imrpfInstruments?: number | undefined;
}

/** What both centres' risk platforms share. */
export function riskSetup(fixtures: Fixtures, seed: number, since: Instant, options: RiskOptions = {}): RiskSetup {
  const random = createRandom(seed);
  return {
    rules: fixtures.riskRules,
    days: fixtures,
    catalogue: new Map(fixtures.riskCatalogue.map((report) => [report.id, report])),
    since,
    chance: (use) => random.stream(use),
    userImrpf: options.userImrpf ?? null,
    imrpfInstruments: options.imrpfInstruments ?? null,
    imrpfCache: new ImrpfCache(),
  };
}

/** The days of generated trades that are not settled when the books begin: the two business days before, and today. */
export function daysOfTrades(fixtures: Fixtures, seed: number, since: Instant): readonly DayOfTrades[] {
  const { seededDays, holidays, participants, stocks } = fixtures;
  if (!seededDays) return [];
  const random = createRandom(seed);
  const market = {
    clearing: participants.filter(({ type }) => belongsTo('clearing', type)).toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    stocks: stocks.toSorted((a, b) => (a.code < b.code ? -1 : 1)),
    isBusinessDay: (date: MarketDate) => isBusinessDay(date, holidays),
  };
  const first = previousBusinessDay(previousBusinessDay(marketDate(since), holidays), holidays);
  return dueRiskRuns(fixtures, startOfDay(first) - 1, since)
    .filter(({ kind }) => kind === 'trades')
    .map(({ date }) => ({ date, trades: seededTrades(seededDays, market, date, random.stream(`trades ${date}`)) }));
}
