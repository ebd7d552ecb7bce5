import { LIMB } from './digits.ts';
import type { FieldValue } from './field-value.ts';
import type { Field } from './layout.ts';

/** A text or number that its field cannot hold: nobody's bug, since balances and users' layouts have no bound in common. */
export class ValueTooWide extends Error {
  override readonly name = 'ValueTooWide';
  readonly field: string;
  readonly picture: string;
  readonly value: string;
  /** Which detail record of the file it is in, from 1; null for header and trailer. */
  record: number | null = null;

  constructor({ name, picture }: Field, value: unknown, why: string) {
    super(misfit(name, picture, value, why));
    this.field = name;
    this.picture = picture;
    this.value = String(value);
  }
}

/** Writes a value into the record that begins at `from`. Throws ValueTooWide; any other error is our bug. */
export type FieldWriter = (value: FieldValue, bytes: Uint8Array, from: number) => void;

const ZERO = 48;
const SPACE = 32;

export function fieldWriter(field: Field): FieldWriter {
  const { start, end, kind } = field;
  const length = end - start;
  const wrong = (value: unknown, why: string) => new Error(misfit(field.name, field.picture, value, why));
  switch (kind) {
    case 'text':
      return (value, bytes, from) => {
        if (typeof value !== 'string') throw wrong(value, 'is not a text');
        if (value.length > length) throw new ValueTooWide(field, value, `is longer than ${length}`);
        for (let n = 0; n < length; n++) {
          const code = n < value.length ? value.charCodeAt(n) : SPACE;
          if (code < 0x20 || code > 0x7e) throw wrong(value, 'is not printable ASCII');
          bytes[from + start + n] = code;
        }
      };
    case 'digits':
    case 'date':
      return (value, bytes, from) => {
        if (typeof value !== 'string') throw wrong(value, 'is not a text');
        const digits = kind === 'date' ? value.replace(/^(\d{4})-(\d{2})-(\d{2})$/, '$1$2$3') : value;
        if (digits.length !== length) throw wrong(value, `has not ${length} digits`);
        for (let n = 0; n < length; n++) {
          const digit = digits.charCodeAt(n) - ZERO;
          if (digit < 0 || digit > 9) throw wrong(value, 'is not made of digits');
          bytes[from + start + n] = ZERO + digit;
        }
      };
    case 'number':
    case 'bigint':
      return (value, bytes, from) => {
        if (typeof value === 'string' || value < 0 || (typeof value === 'number' && !Number.isSafeInteger(value)))
          throw wrong(value, 'is not a whole number from 0');
        const high = typeof value === 'bigint' ? Number(value / BigInt(LIMB)) : Math.floor(value / LIMB);
        const low = typeof value === 'bigint' ? Number(value % BigInt(LIMB)) : value - high * LIMB;
        if (!writeDigits(high, low, bytes, from + start, from + end))
          throw new ValueTooWide(field, value, `has more than ${length} digits`);
      };
  }
}

function misfit(name: string, picture: string, value: unknown, why: string): string {
  return `"${name}" (${picture}): ${JSON.stringify(String(value))} ${why}`;
}

/** Writes `high * 10^9 + low`, zero-filled; false if it has more digits than bytes [start, end). */
export function writeDigits(high: number, low: number, bytes: Uint8Array, start: number, end: number): boolean {
  let left = low;
  let at = end - 1;
  for (let digits = 0; digits < 9 && at >= start; digits++, at--) {
    const next = Math.floor(left / 10);
    bytes[at] = ZERO + left - next * 10;
    left = next;
  }
  if (left > 0) return false;
  left = high;
  for (; at >= start; at--) {
    const next = Math.floor(left / 10);
    bytes[at] = ZERO + left - next * 10;
    left = next;
  }
  return left === 0;
}
