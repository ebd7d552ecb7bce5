import { type Decimal, unscaled } from '../exact.ts';
import { RETURN_SCALE } from '../imrpf/imrpf.ts';

/**
 * Adds an instrument's P&L to each scenario's: market value x return, each term rounded off to a whole HKD separately, on the
 * exact decimal product (guide 3.2.4.1; ties away from zero: mock convention).
 *
 * There are two million terms, so they are computed in doubles; three roundings make a relative error below 4e-16. Only if
 * the product is that close to a half could it round the wrong way; then whole numbers decide. They also decide for every
 * product that is too large to have a fraction in a double.
 *
 * @param returns whole numbers of 1/RETURN_SCALE, the instrument's from `from` on, as many as `totals` has
 * @returns the largest absolute term; sums are exact while the largest terms add up to less than 2^53
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
 * Added and subtracted again, it rounds anything below 2^51 to the nearest whole number: the sum has no bits for a fraction.
 * It is faster than `Math.floor` and a comparison, since no branch depends on sign or fraction, which are random.
 */
const NEAREST = 1.5 * 2 ** 52;

/** How close to a half, relative to the product, a double is not trusted: over twice its largest error. */
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
    // Market values are usually whole, and their products mostly small enough for an exact double.
    if (scale === 0 && size * returned <= Number.MAX_SAFE_INTEGER) {
      const rest = (size * returned) % RETURN_SCALE;
      return signed * ((size * returned - rest) / RETURN_SCALE + (2 * rest >= RETURN_SCALE ? 1 : 0));
    }
    return signed * Number((2n * digits * BigInt(returned) + denominator) / (2n * denominator));
  };
}
