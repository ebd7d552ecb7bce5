import { type Decimal, decimal, larger, quotient, smaller, sum, ZERO } from '../exact.ts';
import type { Holding } from './holdings.ts';
import type { CheckedPositionLimit } from './input.ts';

/**
 * Position limit add-on (guide 3.2.6.2): on the part of the net market value beyond the participant's capacity, a percentage of
 * the margin before holiday add-on, plus all of it where the credit leaves no margin.
 *
 * The guide's example divides by 300,450,000 where its net market value is 300,550,000, and prints 487,332; its formula, and so
 * this, gives 487,169. Net market value is that of all lines, unrounded, entitlements and unmatched ones too; the cap may be absent;
 * rounded off once (mock conventions).
 *
 * @param base portfolio, flat rate, liquidation risk, structured product and corporate-action margin, rounded up
 */
export function positionLimitAddOn(
  holdings: readonly Holding[],
  base: Decimal,
  netMarginAfterCredit: Decimal,
  limit: CheckedPositionLimit | null,
): Decimal {
  if (limit === null) return ZERO;
  const { liquidCapital, multiplier, cap, addOnPercent } = limit;
  const netValue = sum(holdings.map(({ marketValue }) => marketValue)).abs();
  if (netValue.eq(0)) return ZERO;
  const capital = liquidCapital.times(multiplier);
  const capacity = cap === null ? capital : smaller(capital, cap);
  const beyond = larger(netValue.minus(capacity), ZERO);
  const factor = netMarginAfterCredit.gt(0) ? addOnPercent : decimal(1).plus(addOnPercent);
  return quotient(beyond.times(base).times(factor), netValue, 0);
}
