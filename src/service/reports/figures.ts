import type { Stock } from '../../domain/nouns/market.ts';
import type { Books } from '../../store/books/books.ts';
import { marketValueCents } from '../ccass/enquiries.ts';

/** Cents as `-1234.56`, exact for every whole number of cents. */
export function money(cents: number): string {
  const digits = String(Math.abs(cents)).padStart(3, '0');
  return `${cents < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** Thousandths as `1.234`. */
export function price(milli: number): string {
  const digits = String(milli).padStart(4, '0');
  return `${digits.slice(0, -3)}.${digits.slice(-3)}`;
}

/** The value of a position in cents, negative if the position is; rounded half away from zero. */
export function positionValueCents(quantity: number, priceMilli: number): number {
  const cents = marketValueCents(Math.abs(quantity), priceMilli);
  return quantity < 0 ? -cents : cents;
}

/** @throws if the books lack a stock that one of their rows names. */
export function stockNamed(books: Books, code: string): Stock {
  const stock = books.get('stock', code);
  if (!stock) throw new Error(`a row names stock ${code}, which the books lack`);
  return stock;
}

/** Sums of rows by name, in order of first appearance. */
export function sumsBy<Row>(
  rows: readonly Row[],
  name: (row: Row) => string,
  amount: (row: Row) => number,
): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const row of rows) sums.set(name(row), (sums.get(name(row)) ?? 0) + amount(row));
  return sums;
}
