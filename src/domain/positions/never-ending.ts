import { type Decimal, roundOff } from '../exact.ts';

/**
 * A position that was divided by three has no last decimal. It is kept with `PLACES` decimals, and rounding looks at ten
 * fewer, so that three thirds of a share are one share and a half is a half.
 */
export const PLACES = 40;
const SIGNIFICANT_PLACES = PLACES - 10;

/** Rounds toward zero: a long position down, a short one up (guide, section 4.5). */
export function wholeShares(quantity: Decimal): Decimal {
  return quantity.round(SIGNIFICANT_PLACES).round(0, 0);
}

/** Rounds to the nearest whole number, ties away from zero. */
export function nearestWhole(value: Decimal): Decimal {
  return roundOff(value.round(SIGNIFICANT_PLACES));
}
