import { addDays } from '../../domain/calendar/calendar.ts';
import { decimal, quotient, sum } from '../../domain/exact.ts';
import { normalCode } from '../../domain/instrument-codes.ts';
import type { MarginablePositions, PositionInput, PositionLine } from '../../domain/positions/position-lines.ts';
import { marginablePositions } from '../../domain/positions/positions.ts';
import type { HypotheticalTrade } from '../../domain/risk/hypothetical-trade.ts';
import type { Mark } from '../../domain/risk/simulated-positions.ts';
import type { MarketNow } from './market-now.ts';

/**
 * Hypothetical trades as marginable positions: traded today, not yet due, valued at the market's prices, or at those of a
 * run where `marks` has them. A trade without a price is done at the price that it is valued at.
 */
export function tradePositions(
  market: MarketNow,
  trades: readonly HypotheticalTrade[],
  marks: ReadonlyMap<string, Mark>,
): MarginablePositions {
  const { input } = market;
  const prices: Record<string, PositionInput['prices'][string]> = { ...input.prices };
  for (const [instrument, { value, quantity }] of marks) {
    const rate = market.rateOf(market.currencyOf(instrument));
    prices[market.counterOf(instrument)] = quotient(value, quantity.times(rate), 10).toFixed();
  }
  // Trades of a day net by counter, as they do in CNS, before anything is converted with a haircut.
  const lines = [...Map.groupBy(trades, ({ stock }) => stock).values()].map((same): PositionLine => {
    const signed = same.map(({ side, quantity, price, stock }) => {
      const shares = decimal(side === 'buy' ? quantity : -quantity);
      return { shares, amount: shares.times(price ?? prices[normalCode(stock)] ?? 0) };
    });
    const [{ stock: counter, currency } = { stock: '', currency: 'HKD' as const }] = same;
    return {
      counter,
      tradeDate: input.businessDate,
      // The exact day does not matter, as long as neither collateral nor a snapshot case applies.
      settlementDate: addDays(input.businessDate, 1),
      quantity: sum(signed.map(({ shares }) => shares)).toFixed(),
      currency,
      amount: quotient(sum(signed.map(({ amount }) => amount)), decimal(1), 2).toFixed(),
    };
  });
  return marginablePositions({ ...input, prices, lines });
}
