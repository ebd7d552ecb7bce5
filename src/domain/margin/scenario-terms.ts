import { type Decimal, unscaled } from '../exact.ts';
import { RETURN_SCALE } from '../imrpf/imrpf.ts';

/**
 * Adds an instrument's P&L to each scenario's: market value x return, every term rounded off to a whole HKD by itself, on the
 * exact decimal product (guide 3.2.4.1; ties away from zero: mock convention).
 *
 * Two million terms are computed in doubles; three roundings put such a product off by less than 4e-16 of itself. Only where
 * the half lies within that distance could rounding tip, and there the term is decided in whole numbers. A product too large to
 * have a fraction in a double always is.
 *
 * @param returns whole numbers of 1/RETURN_SCALE, the instrument's from `from` on, as many as `totals` has
 * @returns the largest term, without its sign; sums stay exact while the largest terms add up to less than 2^53
 */
export function addTerms(totals: Float64Array, marketValue: Decimal, returns: Float64Array, from: number): number {
  const perUnit = marketValue.toNumber() / RETURN_SCALE;
  const exactTerm = exactTerms(marketValue);
  let largest = 0;
  for (let scenario = 0; scenario < totals.length; scenario++) {
    const unit = returns[from + scenario] as number;
    const product = perUnit * unit;
    let term = product + NEAREST - NEAREST;
    if (0.5 - Math.abs(product - term) <= Math.abs(product) * DOUBT) term = exactTerm(unit);
    largest = Math.max(largest, Math.abs(term));
    totals[scenario] = (totals[scenario] as number) + term;
  }
  return largest;
}

/**
 * Added and taken off again, it leaves the nearest whole number of anything below 2^51: the sum has no room for a fraction.
 * Without a branch on sign or fraction, which are as good as random, this is quicker than `Math.floor` and a question.
 */
const NEAREST = 1.5 * 2 ** 52;

/** Nearness to a half, relative to the product, in which a double's word is not taken: over twice what its error can be. */
const DOUBT = 1e-15;

/** The term of one return, decided on the exact product. */
function exactTerms(marketValue: Decimal): (unit: number) => number {
  const [digits, scale] = unscaled(marketValue.abs());
  const sign = marketValue.lt(0) ? -1 : 1;
  const size = Number(digits);
  const denominator = 10n ** BigInt(scale) * BigInt(RETURN_SCALE);
  return (unit) => {
    const returned = Math.abs(unit);
    const signed = unit < 0 ? -sign : sign;
    // Whole market values, the usual ones, mostly have a product that a double still holds exactly.
    if (scale === 0 && size * returned <= Number.MAX_SAFE_INTEGER) {
      const rest = (size * returned) % RETURN_SCALE;
      return signed * ((size * returned - rest) / RETURN_SCALE + (2 * rest >= RETURN_SCALE ? 1 : 0));
    }
    return signed * Number((2n * digits * BigInt(returned) + denominator) / (2n * denominator));
  };
}
