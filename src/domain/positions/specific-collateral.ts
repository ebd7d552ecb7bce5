import { type Decimal, quotient, smaller, ZERO } from '../exact.ts';
import { normalCode } from '../instrument-codes.ts';
import { inputProblem, MarginInputError } from '../margin/margin-input-error.ts';
import type { MarketDate } from '../nouns/market.ts';
import type { Line } from './line-reading.ts';
import type { CashPledge, SharePledge } from './position-lines.ts';
import { type Rates, readFigure } from './rates.ts';
import type { Securities } from './securities.ts';

/**
 * Specific collateral removes positions from margining before any other step (guide, section 4). Only lines that settle after
 * the business date are covered; a fully covered line stays, as 0 / 0. Collateral beyond the position is ignored.
 */

/**
 * SSC: shares cover short lines of their settlement counter and settlement date, those with the highest average price in HKD
 * first (rate without haircut; then by trade date, then in input order: mock convention). The amount is reduced pro rata, to 2
 * decimals.
 */
export function coverWithShares(
  lines: readonly Line[],
  pledges: readonly SharePledge[],
  { businessDate, rates, securities }: { businessDate: MarketDate; rates: Rates; securities: Securities },
): Line[] {
  const hkdOf = ({ amount, currency }: Line) => rates.hkd(amount.abs(), currency);
  return cover(lines, {
    pledged: pledges.map(({ settlementCounter, settlementDate, quantity }, index) => ({
      key: `${securities.instrumentOf(normalCode(settlementCounter))} ${settlementDate}`,
      left: notNegative(`sharePledges[${index}].quantity`, quantity),
    })),
    keyOf: ({ instrument, settlementDate }) => `${instrument} ${settlementDate}`,
    covers: ({ settlementDate, quantity }) => businessDate < settlementDate && quantity.lt(0),
    // a / b before c / d, without dividing.
    order: (a, b) =>
      hkdOf(b).times(a.quantity.abs()).cmp(hkdOf(a).times(b.quantity.abs())) || compare(a.tradeDate, b.tradeDate),
    sizeOf: ({ quantity }) => quantity.abs(),
    without: (line, covered) => {
      const quantity = line.quantity.plus(covered);
      return { ...line, quantity, amount: quotient(line.amount.times(quantity), line.quantity, 2) };
    },
  });
}

/**
 * SCC: money covers long lines of its settlement counter, currency and trade date, those that settle first before others (then
 * in input order: mock convention). The quantity is reduced pro rata, and the rest is rounded up.
 */
export function coverWithCash(
  lines: readonly Line[],
  pledges: readonly CashPledge[],
  { businessDate, securities }: { businessDate: MarketDate; securities: Securities },
): Line[] {
  return cover(lines, {
    pledged: pledges.map(({ settlementCounter, currency, tradeDate, amount }, index) => ({
      key: `${securities.instrumentOf(normalCode(settlementCounter))} ${currency} ${tradeDate}`,
      left: notNegative(`cashPledges[${index}].amount`, amount),
    })),
    keyOf: ({ instrument, currency, tradeDate }) => `${instrument} ${currency} ${tradeDate}`,
    covers: ({ settlementDate, quantity, amount }) => businessDate < settlementDate && quantity.gt(0) && amount.gt(0),
    order: (a, b) => compare(a.settlementDate, b.settlementDate),
    sizeOf: ({ amount }) => amount,
    without: (line, covered) => {
      const amount = line.amount.minus(covered);
      return { ...line, quantity: quotientUp(line.quantity.times(amount), line.amount), amount };
    },
  });
}

interface Cover {
  readonly pledged: readonly { readonly key: string; readonly left: Decimal }[];
  readonly keyOf: (line: Line) => string;
  readonly covers: (line: Line) => boolean;
  readonly order: (a: Line, b: Line) => number;
  /** The most of a pledge that a line can use. */
  readonly sizeOf: (line: Line) => Decimal;
  readonly without: (line: Line, covered: Decimal) => Line;
}

function cover(lines: readonly Line[], { pledged, keyOf, covers, order, sizeOf, without }: Cover): Line[] {
  const left = new Map<string, Decimal>();
  for (const pledge of pledged) left.set(pledge.key, pledge.left.plus(left.get(pledge.key) ?? ZERO));
  const after = new Map<Line, Line>();
  // Most lines have no pledge, and need no sorting.
  for (const line of lines.filter((one) => left.has(keyOf(one)) && covers(one)).sort(order)) {
    const key = keyOf(line);
    const covered = smaller(left.get(key) ?? ZERO, sizeOf(line));
    if (covered.eq(0)) continue;
    left.set(key, (left.get(key) ?? ZERO).minus(covered));
    after.set(line, without(line, covered));
  }
  return lines.map((line) => after.get(line) ?? line);
}

/** Top / bottom, both positive, up to the next whole number. */
function quotientUp(top: Decimal, bottom: Decimal): Decimal {
  const near = quotient(top, bottom, 0);
  return near.times(bottom).lt(top) ? near.plus(1) : near;
}

function notNegative(path: string, value: unknown): Decimal {
  const read = readFigure(path, value);
  if (read.lt(0)) {
    throw new MarginInputError(
      inputProblem(path, read.toFixed(), { en: 'a pledge, not below 0', zh: '抵押數額，不小於 0' }),
    );
  }
  return read;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
