import type { ExactInteger } from './nouns/market.ts';

/** Arithmetic on whole numbers of any size. The ordinary case, two numbers with an exact result, allocates nothing. */

export function plus(a: ExactInteger, b: ExactInteger): ExactInteger {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return exactInteger(BigInt(a) + BigInt(b));
}

export function minus(a: ExactInteger, b: ExactInteger): ExactInteger {
  if (typeof a === 'number' && typeof b === 'number') {
    const difference = a - b;
    if (Number.isSafeInteger(difference)) return difference;
  }
  return exactInteger(BigInt(a) - BigInt(b));
}

export function isLess(a: ExactInteger, b: ExactInteger): boolean {
  return typeof a === 'number' && typeof b === 'number' ? a < b : BigInt(a) < BigInt(b);
}

export function exactInteger(value: bigint): ExactInteger {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

/** A whole number of 10^-places units as a decimal text: 123456 with 2 places is `1234.56`. */
export function decimalText(units: ExactInteger, places: number): string {
  const text = String(units);
  const isNegative = text.startsWith('-');
  const digits = (isNegative ? text.slice(1) : text).padStart(places + 1, '0');
  return `${isNegative ? '-' : ''}${digits.slice(0, -places)}.${digits.slice(-places)}`;
}
