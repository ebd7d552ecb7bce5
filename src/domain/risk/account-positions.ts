import type { DuePosition, Trade } from '../nouns/market.ts';

/** The house account of a general clearing participant, as RMAMR03 names it. */
export const HOUSE_ACCOUNT = 'H1';

/**
 * Splits the due positions (CNS) of a general clearing participant by account: each non-clearing participant gets the sum of
 * its trades, and the house account the rest, so that the total is unchanged. That a trade names its account is a mock
 * convention; that the report shows accounts separately is published.
 */
export function positionsByAccount(
  positions: readonly DuePosition[],
  trades: Iterable<Trade>,
): ReadonlyMap<string, readonly DuePosition[]> {
  const house = new Map(positions.filter(({ kind }) => kind === 'CNS').map((row) => [keyOf(row), row]));
  const accounts = new Map<string, Map<string, DuePosition>>();
  for (const trade of trades) {
    const key = keyOf(trade);
    const rest = house.get(key);
    if (trade.account === undefined || !rest) continue;
    const sign = trade.side === 'buy' ? 1 : -1;
    const account = accounts.get(trade.account) ?? new Map<string, DuePosition>();
    accounts.set(trade.account, account);
    account.set(key, moved(account.get(key) ?? { ...rest, quantity: 0, amountCents: 0 }, trade, sign));
    house.set(key, moved(rest, trade, -sign));
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
