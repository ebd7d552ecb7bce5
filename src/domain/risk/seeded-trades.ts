import type { MarketDate, Participant, Stock } from '../nouns/market.ts';
import { considerationCents, type NewTrade, settlementDateOf } from './trade.ts';

/** Days of generated trades, so that a market at any date has positions to margin; a mock convention throughout. */
export interface SeededDays {
  /** The first day that has them. */
  readonly from: MarketDate;
  /** `HH:MM` at which the day's trades are entered. */
  readonly at: string;
  /** Each has two sides, of two clearing participants. */
  readonly trades: number;
  /** HKD; a trade is worth at most this. */
  readonly largest: number;
}

export interface SeededMarket {
  readonly clearing: readonly Participant[];
  readonly stocks: readonly Stock[];
  readonly isBusinessDay: (date: MarketDate) => boolean;
}

/** The largest deviation of a trade's price from the stock's, as a fraction. */
const SPREAD = 0.02;

/** The trades of one day: the same stream gives the same trades. None without two participants or without a stock. */
export function seededTrades(
  { trades, largest }: SeededDays,
  { clearing, stocks, isBusinessDay }: SeededMarket,
  tradeDate: MarketDate,
  chance: { integer(from: number, to: number): number },
): readonly NewTrade[] {
  if (clearing.length < 2 || stocks.length === 0) return [];
  const settlementDate = settlementDateOf(tradeDate, isBusinessDay);
  return Array.from({ length: trades }).flatMap((): NewTrade[] => {
    const buyer = chance.integer(0, clearing.length - 1);
    const seller = (buyer + chance.integer(1, clearing.length - 1)) % clearing.length;
    const stock = stocks[chance.integer(0, stocks.length - 1)] as Stock;
    const { code, currency, boardLot, priceMilli } = stock;
    const most = Math.max(1, Math.floor((largest * 1000) / (boardLot * priceMilli)));
    // Small trades are more likely than large ones.
    const quantity = boardLot * chance.integer(1, chance.integer(1, most));
    const price = priceMilli + chance.integer(-Math.floor(priceMilli * SPREAD), Math.floor(priceMilli * SPREAD));
    const amountCents = Math.max(1, considerationCents(quantity, price));
    const side = (who: number, name: NewTrade['side']): NewTrade => ({
      ...{ participant: clearing[who]?.id ?? '', side: name, stock: code, quantity, currency, amountCents },
      ...{ tradeDate, settlementDate },
    });
    return [side(buyer, 'buy'), side(seller, 'sell')];
  });
}
