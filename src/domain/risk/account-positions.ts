import type { DuePosition, Trade } from '../nouns/market.ts';

/** A general clearing participant's own account, as RMAMR03 calls it. */
export const HOUSE_ACCOUNT = 'H1';

/**
 * The due positions (CNS) of a general clearing participant by account: those of each non-clearing participant are what the
 * trades done for it come to, and the house account has all the rest. Together they are what there was. That trades tell whose
 * they are is a mock convention; that the report tells accounts apart is published.
 */
export function positionsByAccount(
  positions: readonly DuePosition[],
  trades: Iterable<Trade>,
): ReadonlyMap<string, readonly DuePosition[]> {
  const house = new Map(positions.filter(({ kind }) => kind === 'CNS').map((row) => [keyOf(row), row]));
  const accounts = new Map<string, Map<string, DuePosition>>();
  for (const trade of trades) {
    const key = keyOf(trade);
    const whole = house.get(key);
    if (trade.account === undefined || !whole) continue;
    const sign = trade.side === 'buy' ? 1 : -1;
    const own = accounts.get(trade.account) ?? new Map<string, DuePosition>();
    accounts.set(trade.account, own);
    own.set(key, moved(own.get(key) ?? { ...whole, quantity: 0, amountCents: 0 }, trade, sign));
    house.set(key, moved(whole, trade, -sign));
  }
  const inOrder = [...accounts].sort(([a], [b]) => (a < b ? -1 : 1));
  return new Map([[HOUSE_ACCOUNT, house] as const, ...inOrder].map(([name, rows]) => [name, [...rows.values()]]));
}

function moved(position: DuePosition, { quantity, amountCents }: Trade, sign: number): DuePosition {
  return {
    ...position,
    quantity: position.quantity + sign * quantity,
    amountCents: position.amountCents + sign * amountCents,
  };
}

function keyOf({
  stock,
  settlementDate,
  currency,
}: Pick<DuePosition, 'stock' | 'settlementDate' | 'currency'>): string {
  return `${stock}/${settlementDate}/${currency}`;
}
