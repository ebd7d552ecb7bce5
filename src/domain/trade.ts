import { type Change, KEY, put } from './change.ts';
import type { DuePosition, Instant, MarketDate, Stock, Trade } from './nouns.ts';

/** Digits of a trade number. */
const NUMBER_DIGITS = 9;

/** A side of a trade as it comes to the books, its dates settled. */
export type NewTrade = Omit<Trade, 'number' | 'at'>;

/** What the books know that a trade changes. */
export interface TradeFacts {
  counter(name: 'trade'): number;
  get(table: 'duePosition', key: string): DuePosition | undefined;
  get(table: 'stock', key: string): Stock | undefined;
}

/**
 * The changes that enter trades: each gets its number, and each adds to the due position (CNS) of its participant, stock and
 * settlement date, since HKSCC stands between the two sides and nets what settles on one day.
 */
export function enterTrades(
  facts: TradeFacts,
  trades: readonly NewTrade[],
  at: Instant,
): { readonly changes: Change[]; readonly trades: readonly Trade[] } {
  let next = facts.counter('trade');
  const positions = new Map<string, DuePosition>();
  const entered = trades.map((trade): Trade => {
    const before = emptyPosition(trade, facts.get('stock', trade.stock)?.market ?? 'HKMK');
    const key = KEY.duePosition(before);
    const position = positions.get(key) ?? facts.get('duePosition', key) ?? before;
    const sign = trade.side === 'buy' ? 1 : -1;
    positions.set(key, {
      ...position,
      quantity: position.quantity + sign * trade.quantity,
      amountCents: position.amountCents + sign * trade.amountCents,
    });
    return { ...trade, number: `T${String(next++).padStart(NUMBER_DIGITS, '0')}`, at };
  });
  if (entered.length === 0) return { changes: [], trades: [] };
  return {
    changes: [
      ...entered.map((trade) => put('trade', trade)),
      ...[...positions.values()].map((position) => put('duePosition', position)),
      put('counter', { name: 'trade', next }),
    ],
    trades: entered,
  };
}

function emptyPosition({ participant, stock, settlementDate, currency, tradeDate }: NewTrade, market: string) {
  const position: DuePosition = {
    ...{ participant, stock, market, settlementDate, currency },
    ...{ quantity: 0, amountCents: 0, kind: 'CNS', tradeDate },
  };
  return position;
}

/** The consideration of a trade in cents, exact, half a cent away from nil. */
export function considerationCents(quantity: number, priceMilli: number): number {
  return Number((BigInt(quantity) * BigInt(priceMilli) + 5n) / 10n);
}

/** Whether the trades of a date have not settled yet. */
export function isUnsettled(settlementDate: MarketDate, today: MarketDate): boolean {
  return settlementDate >= today;
}
