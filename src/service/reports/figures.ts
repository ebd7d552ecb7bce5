import { decimalText, minus, plus } from '../../domain/exact-integer.ts';
import type { ExactInteger, Stock } from '../../domain/nouns/market.ts';
import type { Books } from '../../store/books/books.ts';
import { marketValueCents } from '../ccass/enquiries.ts';

/** Cents as `-1234.56`, exact for every whole number of cents. */
export function money(cents: ExactInteger): string {
  return decimalText(cents, 2);
}

/** Thousandths as `1.234`. */
export function price(milli: number): string {
  return decimalText(milli, 3);
}

/** The value of a position in cents, negative if the position is; rounded half away from zero. */
export function positionValueCents(quantity: number, priceMilli: number): ExactInteger {
  const cents = marketValueCents(Math.abs(quantity), priceMilli);
  return quantity < 0 ? minus(0, cents) : cents;
}

/** @throws if the books lack a stock that one of their rows names. */
export function stockNamed(books: Books, code: string): Stock {
  const stock = books.get('stock', code);
  if (!stock) throw new Error(`a row names stock ${code}, which the books lack`);
  return stock;
}

/** Exact sums of rows by name, in order of first appearance. */
export function sumsBy<Row>(
  rows: readonly Row[],
  name: (row: Row) => string,
  amount: (row: Row) => ExactInteger,
): ReadonlyMap<string, ExactInteger> {
  const sums = new Map<string, ExactInteger>();
  for (const row of rows) sums.set(name(row), plus(sums.get(name(row)) ?? 0, amount(row)));
  return sums;
}
