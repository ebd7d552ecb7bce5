const PAGE = 1024;

/**
 * Rows of a series in pages by their number: no hashing, no chains and no second copy of the key, where a map of millions
 * spends most of its time.
 */
export class SeriesRows<Row> {
  readonly #pages: (Row | undefined)[][] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(number: number): Row | undefined {
    return this.#pages[Math.floor(number / PAGE)]?.[number % PAGE];
  }

  set(number: number, row: Row): void {
    const at = Math.floor(number / PAGE);
    const page = this.#pages[at] ?? this.#newPage(at);
    if (page[number % PAGE] === undefined) this.#size++;
    page[number % PAGE] = row;
  }

  delete(number: number): void {
    const page = this.#pages[Math.floor(number / PAGE)];
    if (page?.[number % PAGE] === undefined) return;
    page[number % PAGE] = undefined;
    this.#size--;
  }

  *numbers(): Generator<number, undefined, undefined> {
    for (const [at, page] of this.#pages.entries()) {
      for (const [place, row] of (page ?? []).entries()) if (row !== undefined) yield at * PAGE + place;
    }
  }

  *values(): Generator<Row, undefined, undefined> {
    for (const page of this.#pages) for (const row of page ?? []) if (row !== undefined) yield row;
  }

  /** A copy, made page by page, so that a million rows take a few milliseconds. */
  copy(): SeriesRows<Row> {
    const copy = new SeriesRows<Row>();
    for (const [at, page] of this.#pages.entries()) if (page) copy.#pages[at] = page.slice();
    copy.#size = this.#size;
    return copy;
  }

  #newPage(at: number): (Row | undefined)[] {
    const page = new Array<Row | undefined>(PAGE).fill(undefined);
    this.#pages[at] = page;
    return page;
  }
}
