/**
 * Digits as numbers. Hash totals run to 18 digits and pass 2^53, so a value is two limbs of nine digits: `high * 10^9 + low`.
 * Only values for display become a bigint; nothing here allocates per record.
 */
export const LIMB = 1_000_000_000;
const LIMB_DIGITS = 9;

/** A total modulo 10^18. */
export interface HashTotal {
  high: number;
  low: number;
}

/** Values of up to 18 digits, `high` and `low` at 2n and 2n + 1. */
export type Limbs = Float64Array;

/** Reads the digits of bytes [start, end) into index `n`; false if one of them is not a digit. */
export function readDigits(bytes: Uint8Array, start: number, end: number, limbs: Limbs, n: number): boolean {
  const split = end - LIMB_DIGITS;
  let high = 0;
  let low = 0;
  let at = start;
  for (; at < split; at++) {
    const digit = (bytes[at] as number) - 48;
    if (digit < 0 || digit > 9) return false;
    high = high * 10 + digit;
  }
  for (; at < end; at++) {
    const digit = (bytes[at] as number) - 48;
    if (digit < 0 || digit > 9) return false;
    low = low * 10 + digit;
  }
  limbs[2 * n] = high;
  limbs[2 * n + 1] = low;
  return true;
}

export function addTo(total: HashTotal, high: number, low: number): void {
  total.low += low;
  total.high += high;
  if (total.low >= LIMB) {
    total.low -= LIMB;
    total.high += 1;
  }
  if (total.high >= LIMB) total.high -= LIMB;
}

/** Drops the leading digits that do not fit a field of `length` digits. */
export function dropLeading(total: HashTotal, length: number): void {
  if (length >= LIMB_DIGITS) total.high %= 10 ** (length - LIMB_DIGITS);
  else {
    total.high = 0;
    total.low %= 10 ** length;
  }
}

export function toBigInt(total: HashTotal): bigint {
  return BigInt(total.high) * BigInt(LIMB) + BigInt(total.low);
}

/** Zero-filled to `length`. */
export function toDigits(total: HashTotal, length: number): string {
  return toBigInt(total).toString().padStart(length, '0');
}
