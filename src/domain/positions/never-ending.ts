import { type Decimal, roundOff } from '../exact.ts';

/**
 * A position that was scaled by a third has no last decimal. It is carried with `PLACES` decimals, and whatever rounds decides
 * on ten fewer, so that three thirds of a share are one share and a half is a half.
 */
export const PLACES = 40;
const DECIDED = PLACES - 10;

/** Toward zero: down for what is long, up for what is short (guide, section 4.5). */
export function wholeShares(quantity: Decimal): Decimal {
  return quantity.round(DECIDED).round(0, 0);
}

/** To the nearest whole number, ties away from zero. */
export function nearestWhole(value: Decimal): Decimal {
  return roundOff(value.round(DECIDED));
}
