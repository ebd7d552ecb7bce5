import { marketDate } from '../../domain/calendar/calendar.ts';
import { normalCode } from '../../domain/instrument-codes.ts';
import type { MarginParams } from '../../domain/margin/calculation.ts';
import { checkedInput } from '../../domain/margin/input.ts';
import { MarginInputError } from '../../domain/margin/margin-input-error.ts';
import type { Instant, Words } from '../../domain/nouns/market.ts';
import { isRefusal, type Refusal } from '../../domain/refusal.ts';
import { type HypotheticalTrade, readTrades } from '../../domain/risk/hypothetical-trade.ts';
import type { MarginRun } from '../../domain/risk/margin-run.ts';
import { marginParams } from '../../domain/risk/risk-rules.ts';
import {
  atMarks,
  type Mark,
  marksOf,
  type SimulatedPositions,
  withTrades,
} from '../../domain/risk/simulated-positions.ts';
import type { Context } from '../context.ts';
import { findRun, publishedRuns } from './margin-runs.ts';
import { type MarketNow, marketNow } from './market-now.ts';
import { badSettings, badTrades, noTrades } from './simulation-refusals.ts';
import type { PointInTime, SimulationRequest, SimulationSettings } from './simulation-request.ts';
import { tradePositions } from './trade-positions.ts';

/** What a simulation computes with: positions, parameters, and their sources. */
export interface SimulatedPortfolio extends SimulatedPositions {
  readonly params: MarginParams;
  readonly trades: readonly HypotheticalTrade[];
  /** The run that existing positions and risk parameters are taken from; null = there is none yet. */
  readonly run: MarginRun | null;
  /** The run whose prices are used; null = the latest prices. */
  readonly pricesOf: MarginRun | null;
  /** The time of the prices; instruments that the run does not hold have the market's present price. */
  readonly pricesAt: Instant;
  readonly warnings: readonly string[];
}

const NOTHING: SimulatedPositions = { positions: [], mtm: { requirement: 0, favourable: 0, byCurrency: [] } };

/** The portfolio for a simulation of the participant's positions; or a refusal that says what is missing or wrong. */
export function portfolioOf(
  context: Context,
  participant: string,
  request: SimulationRequest,
  chosen: SimulationSettings,
): SimulatedPortfolio | Refusal {
  const trades = tradesOf(context, request);
  if (isRefusal(trades)) return trades;
  if (chosen.path === 'C' && trades.length === 0) return noTrades();

  const onlyTrades = chosen.positions === 'hypothetical';
  const found = runAt(context, participant, chosen.usedPosition);
  // Hypothetical trades alone need no run: the parameters of the market date will do.
  if (isRefusal(found) && !(onlyTrades && chosen.usedPosition === 'Real-time')) return found;
  const run = isRefusal(found) ? null : found;
  const pricesOf = chosen.usedPrices === 'Real-time' ? null : runAt(context, participant, chosen.usedPrices);
  if (isRefusal(pricesOf)) return pricesOf;

  const market = marketNow(context);
  const marks: ReadonlyMap<string, Mark> = pricesOf ? marksOf(pricesOf.positions) : new Map();
  const existing = run && !onlyTrades ? atUsedPrices(context, participant, market, run, pricesOf) : NOTHING;
  const added = tradePositions(market, trades, marks);
  const simulated = withTrades(existing, added, market.input.rates);
  const warnings = pricesOf
    ? simulated.positions
        .map(({ instrument }) => normalCode(instrument))
        .flatMap((code) => noPrice(code, pricesOf, marks))
    : [];

  const defaults = run?.params ?? marginParams(context.risk.rules, participant, marketDate(context.clock.now()));
  const { requirement, favourable } = simulated.mtm;
  const params = { ...defaults, mtmGiven: favourable - requirement, ...chosen.settings };
  const faults = faultsOf(params);
  if (faults.length > 0) return badSettings(faults);
  const latest = onlyTrades ? null : publishedRuns(context, participant).at(-1);
  const pricesAt = (pricesOf ?? latest)?.at ?? context.clock.now();
  return { ...simulated, params, trades, run, pricesOf, pricesAt, warnings };
}

function tradesOf({ store }: Context, request: SimulationRequest): readonly HypotheticalTrade[] | Refusal {
  const { faults: ofFile = [], rows = [], columns } = request.trades ?? {};
  const trades = readTrades(rows, (code) => store.books.get('stock', code), columns);
  if (!('faults' in trades) && ofFile.length === 0) return trades;
  const ofRows = 'faults' in trades ? trades.faults : [];
  return badTrades([...ofFile, ...ofRows].toSorted((a, b) => a.line - b.line));
}

function runAt(context: Context, participant: string, point: PointInTime): MarginRun | Refusal {
  return findRun(context, participant, point === 'Real-time' ? {} : point);
}

/**
 * The positions of a run at the prices of another. `Real-time` takes the latest run's prices, and the market's where that has
 * none. With its own prices, a run stays as it is.
 */
function atUsedPrices(
  context: Context,
  participant: string,
  market: MarketNow,
  run: MarginRun,
  pricesOf: MarginRun | null,
): SimulatedPositions {
  const latest = runAt(context, participant, 'Real-time');
  const source = pricesOf ?? (isRefusal(latest) ? run : latest);
  if (source.businessDate === run.businessDate && source.snapshot === run.snapshot) return run;
  const marks = marksOf(source.positions);
  return atMarks(run, (code) => marks.get(code) ?? market.markOf(code), market.currencyOf, market.input.rates);
}

function noPrice(code: string, run: MarginRun, marks: ReadonlyMap<string, Mark>): readonly string[] {
  if (marks.has(code)) return [];
  return [
    `${code}: the run ${run.businessDate} ${run.snapshot} of this participant has no price of it; the latest one is used`,
  ];
}

function faultsOf(params: MarginParams): readonly Words[] {
  try {
    checkedInput([], params, 'settings');
    return [];
  } catch (error) {
    if (error instanceof MarginInputError) return error.problems;
    throw error;
  }
}
