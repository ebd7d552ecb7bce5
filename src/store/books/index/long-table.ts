import { type Series, seriesKey, seriesNumber, seriesPlace } from '../../../domain/series.ts';
import type { Table } from '../table.ts';
import type { FacetIndex, Wanted } from './facet-index.ts';
import { SeriesRows } from './series-rows.ts';

/** Which page of a list: keys above `after`, at most `limit` rows that pass the filter. */
export interface Page<Row> {
  /** The key of the last row of the page before (an SI number, a reference ...). */
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
  readonly filter?: ((row: Row) => boolean) | undefined;
}

/** A page of a long table, by the facet values that its rows must have. Indexes find them, so a page costs what it shows. */
export type Lookup<Row, Facet extends string> = Page<Row> & { readonly where?: Wanted<Facet> | undefined };

/** How rows of a table are found by the references that participants gave them. */
export interface References<Row> {
  replace(number: number, before: Row | undefined, row: Row | null): void;
  /** The lowest number under this reference. */
  first(
    participant: string,
    inputDate: string,
    reference: string,
    rowOf: (number: number) => Row | undefined,
  ): number | undefined;
}

/**
 * A table of millions of rows, numbered in a series. Its indexes store numbers: a key is parsed once, and the garbage
 * collector has only the rows to scan.
 */
export class LongTable<Row extends { readonly participant: string }, Facet extends string> implements Table<Row> {
  readonly #series: Series;
  readonly #rows = new SeriesRows<Row>();
  readonly #facets: FacetIndex<Row, Facet>;
  readonly #references: References<Row> | undefined;

  constructor(series: Series, facets: FacetIndex<Row, Facet>, references?: References<Row>) {
    this.#series = series;
    this.#facets = facets;
    this.#references = references;
  }

  get size(): number {
    return this.#rows.size;
  }

  get(key: string): Row | undefined {
    const number = seriesNumber(this.#series, key);
    return number < 0 ? undefined : this.#rows.get(number);
  }

  numbered(number: number): Row | undefined {
    return this.#rows.get(number);
  }

  *keys(): Generator<string, undefined, undefined> {
    for (const number of this.#rows.numbers()) yield seriesKey(this.#series, number);
  }

  values(): IterableIterator<Row> {
    return this.#rows.values();
  }

  snapshot(): Iterable<readonly [string, Row]> {
    const rows = this.#rows.copy();
    const series = this.#series;
    return {
      *[Symbol.iterator]() {
        for (const number of rows.numbers()) yield [seriesKey(series, number), rows.get(number) as Row] as const;
      },
    };
  }

  /** @throws Error for a key that is not of the series. */
  replace(key: string, row: Row | null): Row | undefined {
    const number = seriesNumber(this.#series, key);
    if (number < 0) throw new Error(`${key} is not a number such as ${seriesKey(this.#series, 1)}`);
    const before = this.#rows.get(number);
    if (row === null) this.#rows.delete(number);
    else this.#rows.set(number, row);
    this.#facets.replace(number, before, row);
    this.#references?.replace(number, before, row);
    return before;
  }

  /** A participant's rows in order of their numbers. */
  find(
    participant: string,
    { after, limit = Number.POSITIVE_INFINITY, filter, where = {} }: Lookup<Row, Facet>,
  ): Row[] {
    const from = after === undefined ? 0 : seriesPlace(this.#series, after) + 1;
    const rows: Row[] = [];
    for (const number of this.#facets.find(participant, where, from)) {
      const row = this.#rows.get(number);
      if (row === undefined || (filter && !filter(row))) continue;
      rows.push(row);
      if (rows.length >= limit) break;
    }
    return rows;
  }

  /** The rows of all participants whose value of this facet is wanted, in no particular order; `FacetIndex.across` says what happens if they change meanwhile. */
  *across(facet: Facet, wanted: (value: string) => boolean): Generator<Row, void, undefined> {
    for (const number of this.#facets.across(facet, wanted)) {
      const row = this.#rows.get(number);
      if (row) yield row;
    }
  }

  /** The row input under this reference on this market date; the lowest number, if there are two. */
  byReference(participant: string, inputDate: string, reference: string): Row | undefined {
    const rowOf = (number: number) => this.#rows.get(number);
    const number = this.#references?.first(participant, inputDate, reference, rowOf);
    return number === undefined ? undefined : this.#rows.get(number);
  }
}
