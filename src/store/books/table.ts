import { inOrder } from '../../domain/stepwise.ts';

/** The rows of one table by key, as the books need them. */
export interface Table<Row> {
  readonly size: number;
  get(key: string): Row | undefined;
  keys(): Iterable<string>;
  values(): IterableIterator<Row>;
  /** Keys and rows as they are now, sorted by key; the table may change during the iteration. */
  snapshot(): Iterable<readonly [key: string, row: Row]>;
  /** Sets the row, or deletes it if null; returns the row before. */
  replace(key: string, row: Row | null): Row | undefined;
}

/** A table that fits in a map. */
export class ShortTable<Row> implements Table<Row> {
  readonly #rows = new Map<string, Row>();

  get size(): number {
    return this.#rows.size;
  }

  get(key: string): Row | undefined {
    return this.#rows.get(key);
  }

  keys(): Iterable<string> {
    return this.#rows.keys();
  }

  values(): IterableIterator<Row> {
    return this.#rows.values();
  }

  snapshot(): Iterable<readonly [string, Row]> {
    const entries = [...this.#rows];
    return {
      *[Symbol.iterator]() {
        yield* entries.sort(([a], [b]) => inOrder(a, b));
      },
    };
  }

  replace(key: string, row: Row | null): Row | undefined {
    const before = this.#rows.get(key);
    if (row === null) this.#rows.delete(key);
    else this.#rows.set(key, row);
    return before;
  }
}
