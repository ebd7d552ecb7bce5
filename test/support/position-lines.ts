import type { Currency } from '../../src/domain/nouns/market.ts';
import type { Line } from '../../src/domain/positions/line-reading.ts';
import { readLines } from '../../src/domain/positions/line-reading.ts';
import type {
  CashPledge,
  PositionInput,
  PositionLine,
  SharePledge,
} from '../../src/domain/positions/position-lines.ts';
import { Rates } from '../../src/domain/positions/rates.ts';
import { Securities } from '../../src/domain/positions/securities.ts';
import { coverWithCash, coverWithShares } from '../../src/domain/positions/specific-collateral.ts';

/** Rates of the guide's examples of collateral and counters, section 4. */
export const RATES: NonNullable<PositionInput['rates']> = { CNY: { rate: '1.1', haircut: '0.03' } };

export const line = (
  counter: string,
  settlementDate: string,
  quantity: number,
  currency: Currency,
  amount: number,
): PositionLine => ({ counter, tradeDate: '2019-11-04', settlementDate, quantity, currency, amount });

/** Nothing but lines: the rest is for the test to add. */
export const input = (lines: readonly PositionLine[], more: Partial<PositionInput> = {}): PositionInput => ({
  businessDate: '2019-11-05',
  snapshot: 'EOD',
  lines,
  prices: {},
  rates: RATES,
  ...more,
});

export const told = ({ quantity, amount }: Line) => ({ quantity: quantity.toFixed(), amount: amount.toFixed() });

export function coveredWithShares(
  lines: readonly PositionLine[],
  pledges: readonly SharePledge[],
  day: { businessDate: string },
) {
  const given = input(lines, day);
  const securities = new Securities(given);
  return coverWithShares(readLines(given, securities), pledges, { ...day, rates: new Rates(RATES), securities }).map(
    told,
  );
}

export function coveredWithCash(
  lines: readonly PositionLine[],
  pledges: readonly CashPledge[],
  day: { businessDate: string },
) {
  const given = input(lines, day);
  const securities = new Securities(given);
  return coverWithCash(readLines(given, securities), pledges, { ...day, securities }).map(told);
}
