import Big from 'big.js';
import type { Figure } from './margin/calculation.ts';
import { MarginInputError } from './margin/margin-input-error.ts';

/**
 * Exact decimals. "Round off" is the guide's term: to the nearest integer, here ties away from zero for both signs (mock
 * convention, which its -37.5 -> -38 supports), on the exact value. Nothing here uses `Big.div`, which would round to 20
 * decimals first.
 */

export type Decimal = Big;

export const ZERO = new Big(0);

/** Parses a decimal that was already validated. @throws if it is not a decimal. */
export function decimal(value: Figure): Decimal {
  return new Big(value);
}

export function sum(values: Iterable<Decimal>): Decimal {
  let total = ZERO;
  for (const value of values) total = total.plus(value);
  return total;
}

export function larger(a: Decimal, b: Decimal): Decimal {
  return a.gt(b) ? a : b;
}

export function smaller(a: Decimal, b: Decimal): Decimal {
  return a.lt(b) ? a : b;
}

/** To a whole number, ties away from zero. */
export function roundOff(value: Decimal): Decimal {
  return value.round(0, Big.roundHalfUp);
}

/** Rounds up to a multiple of a unit; an exact multiple stays (guide 3.2.5.1). */
export function roundUpTo(value: Decimal, unit: Decimal): Decimal {
  const rest = value.mod(unit);
  if (rest.eq(0)) return value;
  return value.minus(rest).plus(value.gt(0) ? unit : ZERO);
}

/** `top / bottom` to `places` decimals, ties away from zero, decided on the exact fraction. */
export function quotient(top: Decimal, bottom: Decimal, places: number): Decimal {
  const [above, aboveScale] = unscaled(top);
  const [below, belowScale] = unscaled(bottom);
  const numerator = absolute(above) * 10n ** BigInt(belowScale + places);
  const denominator = absolute(below) * 10n ** BigInt(aboveScale);
  const rounded = (2n * numerator + denominator) / (2n * denominator);
  return new Big(`${above < 0n !== below < 0n ? '-' : ''}${rounded}e-${places}`);
}

/** A decimal as a whole number and how many of its digits are after the point. */
export function unscaled(value: Decimal): [digits: bigint, scale: number] {
  const [whole = '', behind = ''] = value.toFixed().split('.');
  return [BigInt(whole + behind), behind.length];
}

/** A whole amount as a JSON integer. @throws MarginInputError if a JSON number cannot represent it exactly. */
export function amount(name: string, value: Decimal): number {
  if (value.abs().gt(Number.MAX_SAFE_INTEGER)) {
    throw new MarginInputError({
      en: `${name}: got ${value.toFixed(0)}, expected no more than ${Number.MAX_SAFE_INTEGER}, the largest whole amount that JSON represents exactly`,
      zh: `${name}：計算結果為 ${value.toFixed(0)}，不得大於 ${Number.MAX_SAFE_INTEGER}（可準確表達的最大整數）`,
    });
  }
  // No minus zero.
  return value.toNumber() + 0;
}

/** An amount as a JSON integer if it is whole, else as a text of at most ten decimals. */
export function figure(name: string, value: Decimal): Figure {
  const rounded = value.round(10, Big.roundHalfUp);
  return rounded.eq(rounded.round(0, Big.roundDown)) ? amount(name, rounded) : rounded.toFixed();
}

function absolute(value: bigint): bigint {
  return value < 0n ? -value : value;
}
