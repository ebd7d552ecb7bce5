import type { Applied, Books } from './books.ts';

/** The changes of the newest commits and the rows before them, so that a rewind costs only what it drops. */
export class UndoList {
  readonly #books: Books;
  #entries: { readonly index: number; readonly applied: Applied }[] = [];

  constructor(books: Books) {
    this.#books = books;
  }

  add(index: number, applied: Applied): void {
    this.#entries.push({ index, applied });
  }

  /** Undoes all `count` commits above `index`; false, with nothing undone, if they are not all here. */
  undo(index: number, count: number): boolean {
    const above = this.#entries.filter((entry) => entry.index > index);
    if (above.length !== count) return false;
    for (const { applied } of above.toReversed()) this.#books.undo(applied);
    this.#entries.length -= count;
    return true;
  }

  /** Commits up to `index` will never be undone. */
  forget(index: number): void {
    let known = 0;
    while ((this.#entries[known]?.index ?? Number.POSITIVE_INFINITY) <= index) known++;
    this.#entries.splice(0, known);
  }

  clear(): void {
    this.#entries = [];
  }
}
