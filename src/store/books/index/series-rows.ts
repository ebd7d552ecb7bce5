/** How the keys of a table are written: a letter and so many digits, such as `D00000001`; a larger number has more. */
export interface Series {
  readonly letter: string;
  readonly digits: number;
}

/** The series of the long tables. Their rows are numbered one after the other and hardly ever taken away. */
export const SERIES = {
  instruction: { letter: 'D', digits: 8 },
  transfer: { letter: 'A', digits: 8 },
  stockMovement: { letter: 'M', digits: 9 },
  moneyMovement: { letter: 'L', digits: 9 },
} as const satisfies Readonly<Record<string, Series>>;

export function seriesKey({ letter, digits }: Series, number: number): string {
  return letter + String(number).padStart(digits, '0');
}

/** The number that a key of the series says; -1 if it is none. */
export function seriesNumber({ letter, digits }: Series, key: string): number {
  const { length } = key;
  if (length <= digits || length > 10 || key[0] !== letter || (length > digits + 1 && key[1] === '0')) return -1;
  let number = 0;
  for (let place = 1; place < length; place++) {
    const digit = key.charCodeAt(place) - 48;
    if (digit < 0 || digit > 9) return -1;
    number = number * 10 + digit;
  }
  return number;
}

/** Where a key stands or would stand: a cursor is the client's and may hold anything. */
export function seriesPlace({ digits }: Series, key: string): number {
  return Number(/^\d*/.exec(key.slice(1, 1 + digits))?.[0].padEnd(digits, '0') ?? 0);
}

const PAGE = 1024;

/**
 * Rows of a series in pages by their number: no hash, no chain and no second copy of the key, which a map of millions
 * spends most of its time on.
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

  /** The same rows; a page at a time, so that a million take a few milliseconds. */
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
