import type { Applied, Books } from './books.ts';

/** What the newest commits changed and what stood there before, so that a rewind costs what it drops. */
export class UndoList {
  readonly #books: Books;
  #entries: { readonly index: number; readonly applied: Applied }[] = [];

  constructor(books: Books) {
    this.#books = books;
  }

  add(index: number, applied: Applied): void {
    this.#entries.push({ index, applied });
  }

  /** Takes the books back to `index`, if all `count` commits above it are here; false if not. */
  takeBack(index: number, count: number): boolean {
    const above = this.#entries.filter((entry) => entry.index > index);
    if (above.length !== count) return false;
    for (const { applied } of above.toReversed()) this.#books.takeBack(applied);
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
