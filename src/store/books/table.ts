import { inOrder } from '../../domain/stepwise.ts';

/** The rows of one table by key, as books ask for them. */
export interface Table<Row> {
  readonly size: number;
  get(key: string): Row | undefined;
  keys(): Iterable<string>;
  values(): IterableIterator<Row>;
  /** Keys and rows as they stand now, in an order of the keys; the table may change while they are walked through. */
  snapshot(): Iterable<readonly [key: string, row: Row]>;
  /** Puts the row there, or with null takes away what is, and returns what was. */
  replace(key: string, row: Row | null): Row | undefined;
}

/** A table that a map is good for. */
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
