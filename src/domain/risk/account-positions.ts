import { minus, plus } from '../exact-integer.ts';
import type { DuePosition, ExactInteger, Trade } from '../nouns/market.ts';

/** The house account of a general clearing participant, as RMAMR03 names it. */
export const HOUSE_ACCOUNT = 'H1';

/** A due position, or an account's part of one, which may be larger than the whole. */
export type AccountPosition = Omit<DuePosition, 'quantity' | 'amountCents'> & {
  readonly quantity: ExactInteger;
  readonly amountCents: ExactInteger;
};

/**
 * Splits the due positions (CNS) of a general clearing participant by account: each non-clearing participant gets the sum of
 * its trades, and the house account the rest, so that the total is unchanged. That a trade names its account is a mock
 * convention; that the report shows accounts separately is published.
 */
export function positionsByAccount(
  positions: readonly DuePosition[],
  trades: Iterable<Trade>,
): ReadonlyMap<string, readonly AccountPosition[]> {
  const house = new Map<string, AccountPosition>(
    positions.filter(({ kind }) => kind === 'CNS').map((row) => [keyOf(row), row]),
  );
  const accounts = new Map<string, Map<string, AccountPosition>>();
  for (const trade of trades) {
    const key = keyOf(trade);
    const rest = house.get(key);
    if (trade.account === undefined || !rest) continue;
    const account = accounts.get(trade.account) ?? new Map<string, AccountPosition>();
    accounts.set(trade.account, account);
    const [add, subtract] = trade.side === 'buy' ? [plus, minus] : [minus, plus];
    account.set(key, moved(account.get(key) ?? { ...rest, quantity: 0, amountCents: 0 }, trade, add));
    house.set(key, moved(rest, trade, subtract));
  }
  const inOrder = [...accounts].sort(([a], [b]) => (a < b ? -1 : 1));
  return new Map([[HOUSE_ACCOUNT, house] as const, ...inOrder].map(([name, rows]) => [name, [...rows.values()]]));
}

function moved(position: AccountPosition, { quantity, amountCents }: Trade, by: typeof plus): AccountPosition {
  return {
    ...position,
    quantity: by(position.quantity, quantity),
    amountCents: by(position.amountCents, amountCents),
  };
}

function keyOf({
  stock,
  settlementDate,
  currency,
}: Pick<DuePosition, 'stock' | 'settlementDate' | 'currency'>): string {
  return `${stock}/${settlementDate}/${currency}`;
}
