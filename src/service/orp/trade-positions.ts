import { addDays } from '../../domain/calendar.ts';
import type { HypotheticalTrade } from '../../domain/hypothetical-trade.ts';
import { normalCode } from '../../domain/margin/codes.ts';
import { decimal, quotient } from '../../domain/margin/exact.ts';
import type { MarginablePositions, PositionInput, PositionLine } from '../../domain/margin/position-lines.ts';
import { marginablePositions } from '../../domain/margin/positions.ts';
import type { Mark } from '../../domain/margin/simulated-positions.ts';
import type { MarketNow } from './market-now.ts';

/**
 * Hypothetical trades as marginable positions: traded today, not yet due, valued at the market's prices, or at those of a
 * run where `marks` has them. A trade without a price of its own is done at the price that it is valued at.
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
  const lines = trades.map((trade): PositionLine => {
    const quantity = trade.side === 'buy' ? trade.quantity : -trade.quantity;
    const price = decimal(trade.price ?? prices[normalCode(trade.stock)] ?? 0);
    return {
      counter: trade.stock,
      tradeDate: input.businessDate,
      // Which day exactly does not matter: neither collateral nor a snapshot case is to touch it.
      settlementDate: addDays(input.businessDate, 1),
      quantity,
      currency: trade.currency,
      amount: quotient(price.times(quantity), decimal(1), 2).toFixed(),
    };
  });
  return marginablePositions({ ...input, prices, lines });
}
