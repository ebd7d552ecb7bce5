import { Buffer } from 'node:buffer';
import { RETURN_SCALE } from '../../domain/imrpf/imrpf.ts';

/** A cell: its text, trimmed and without quotes, and the offset after its comma (`to + 1` after the last cell). */
export interface Cell {
  readonly text: string;
  readonly next: number;
}

const COMMA = 44;
const QUOTE = 34;
const POINT = 46;
const MINUS = 45;
const POWER = Array.from({ length: 11 }, (_, decimals) => 10 ** (10 - decimals));
const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?$/;
/** A scaled return is a whole number below 2^53. */
const LARGEST_RETURN = 900_000 * RETURN_SCALE;

/** The cell that begins at `at` of a line that ends before `to`; null if its quotes break RFC 4180. */
export function cellAt(bytes: Uint8Array, at: number, to: number): Cell | null {
  let from = at;
  while (from < to && isBlank(bytes[from])) from++;
  if (from < to && bytes[from] === QUOTE) return quotedAt(bytes, from, to);
  let end = from;
  while (end < to && bytes[end] !== COMMA) end++;
  return { text: latin1(bytes, from, end).trim(), next: end + 1 };
}

function quotedAt(bytes: Uint8Array, at: number, to: number): Cell | null {
  let end = at + 1;
  for (; end < to; end++) {
    if (bytes[end] !== QUOTE) continue;
    if (end + 1 < to && bytes[end + 1] === QUOTE) end++;
    else break;
  }
  if (end >= to) return null;
  const text = latin1(bytes, at + 1, end)
    .replaceAll('""', '"')
    .trim();
  let after = end + 1;
  while (after < to && isBlank(bytes[after])) after++;
  return after < to && bytes[after] !== COMMA ? null : { text, next: after + 1 };
}

/** The texts of all cells except trailing blank ones; null if a quote is not closed. */
export function cellsOf(bytes: Uint8Array, from: number, to: number): string[] | null {
  const cells: string[] = [];
  let filled = 0;
  for (let at = from; at <= to; ) {
    const cell = cellAt(bytes, at, to);
    if (cell === null) return null;
    cells.push(cell.text);
    if (cell.text !== '') filled = cells.length;
    at = cell.next;
  }
  cells.length = filled;
  return cells;
}

/** Whether a line has nothing but blanks, commas and empty quotes from `at`. */
export function isBlankFrom(bytes: Uint8Array, at: number, to: number): boolean {
  for (let i = at; i < to; i++) if (bytes[i] !== COMMA && bytes[i] !== QUOTE && !isBlank(bytes[i])) return false;
  return true;
}

/** A control character of a line other than a tab; null if it has none. */
export function controlIn(bytes: Uint8Array, from: number, to: number): number | null {
  const at = bytes.subarray(from, to).findIndex((byte) => byte < 32 && byte !== 9);
  return at < 0 ? null : (bytes[from + at] as number);
}

/** Where `readReturns` stopped. */
export interface Stop {
  /** The first cell that was not read, or the end of the line. */
  at: number;
}

/**
 * Reads plain returns (`-0.0123`) from cell `n` on into `into[offset + n]`, times 10^10, until there are `count` or a cell
 * is not plain (blank, padded, quoted, wrong). Returns their number, and sets `stop` to where it stopped. Accepts 15
 * digits at most, so that every step is exact in a double.
 */
export function readReturns(
  bytes: Uint8Array,
  to: number,
  into: Float64Array,
  offset: number,
  from: number,
  count: number,
  stop: Stop,
): number {
  let n = from;
  let at = stop.at;
  for (; n < count && at < to; n++) {
    let p = at;
    const negative = bytes[p] === MINUS;
    if (negative) p++;
    const start = p;
    let value = 0;
    let digit = (bytes[p] as number) - 48;
    while (digit >= 0 && digit <= 9) {
      value = value * 10 + digit;
      digit = (bytes[++p] as number) - 48;
    }
    let digits = p - start;
    if (digits > 5) break;
    let decimals = 0;
    if (bytes[p] === POINT) {
      const first = ++p;
      digit = (bytes[p] as number) - 48;
      while (digit >= 0 && digit <= 9) {
        value = value * 10 + digit;
        digit = (bytes[++p] as number) - 48;
      }
      decimals = p - first;
      digits += decimals;
    }
    if (digits === 0 || decimals > 10 || (p < to && bytes[p] !== COMMA)) break;
    value *= POWER[decimals] as number;
    into[offset + n] = negative ? 0 - value : value;
    at = p + 1;
  }
  stop.at = at;
  return n;
}

/** A decimal text in normal form: `0.12` for `.120` and `+0.12`; null if it is not a decimal, or has more than 10 decimals or 20 digits before. */
export function decimalOf(text: string): string | null {
  const match = DECIMAL.exec(text);
  if (match === null) return null;
  const [, sign = '', before = '', after = ''] = match;
  if (before === '' && after === '') return null;
  const whole = before.replace(/^0+(?=\d)/, '') || '0';
  const decimals = after.replace(/0+$/, '');
  if (whole.length > 20 || decimals.length > 10) return null;
  const plain = decimals === '' ? whole : `${whole}.${decimals}`;
  return sign === '-' && plain !== '0' ? `-${plain}` : plain;
}

/** The decimal that `decimalOf` gave, unless it is below 0. */
export function notBelowZero(decimal: string | null): string | null {
  return decimal?.startsWith('-') ? null : decimal;
}

/** A return times 10^10, exact; null if it is not a return. */
export function scaledReturn(text: string): number | null {
  const decimal = decimalOf(text);
  if (decimal === null) return null;
  const [whole = '', decimals = ''] = decimal.split('.');
  const scaled = Number(whole + decimals.padEnd(10, '0'));
  return Math.abs(scaled) <= LARGEST_RETURN ? scaled + 0 : null;
}

function isBlank(byte: number | undefined): boolean {
  return byte === 32 || byte === 9;
}

function latin1(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1');
}
