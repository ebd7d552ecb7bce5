import type { Change } from '../domain/change.ts';
import type { Books } from './books.ts';

/** The inverses of the newest commits, so that a rewind costs what it drops. */
export class UndoList {
  readonly #books: Books;
  #entries: { readonly index: number; readonly inverses: readonly Change[] }[] = [];

  constructor(books: Books) {
    this.#books = books;
  }

  add(index: number, inverses: readonly Change[]): void {
    this.#entries.push({ index, inverses });
  }

  /** Takes the books back to `index`, if the inverses of all `count` commits above it are here; false if not. */
  takeBack(index: number, count: number): boolean {
    const above = this.#entries.filter((entry) => entry.index > index);
    if (above.length !== count) return false;
    for (const { inverses } of above.toReversed()) this.#books.takeBack(inverses);
    this.#entries.length -= count;
    return true;
  }

  /** Commits up to `index` will never be taken back. */
  forget(index: number): void {
    let known = 0;
    while ((this.#entries[known]?.index ?? Number.POSITIVE_INFINITY) <= index) known++;
    this.#entries.splice(0, known);
  }

  clear(): void {
    this.#entries = [];
  }
}
