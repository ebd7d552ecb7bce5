/** Most numbers in one chunk, and so the most that an insertion moves. */
const CHUNK = 1024;
const FIRST = 4;

/** Walks forward over numbers in order. */
export interface Cursor {
  /** The first number that is not below `from`, or Infinity. `from` never falls between two calls. */
  seek(from: number): number;
}

/**
 * Whole numbers from 0 to 2^32 - 1 in order, each once, in chunks: adding or removing moves at most one chunk, and at
 * the tail almost nothing. Four bytes a number, which the garbage collector does not scan.
 */
export class NumberList {
  readonly #chunks: Uint32Array[] = [];
  /** How many of each chunk are used; none is empty. */
  readonly #counts: number[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** False if it is there already. */
  add(number: number): boolean {
    const last = this.#chunks.length - 1;
    if (last < 0 || this.#lastOf(last) < number) {
      this.#append(number);
      return true;
    }
    const chunk = this.#chunkOf(number, 0);
    const place = placeIn(this.#numbers(chunk), number, 0, this.#count(chunk));
    if (this.#numbers(chunk)[place] === number && place < this.#count(chunk)) return false;
    this.#insert(chunk, place, number);
    return true;
  }

  /** False if it is not there. */
  remove(number: number): boolean {
    const chunk = this.#chunkOf(number, 0);
    if (chunk === this.#chunks.length) return false;
    const [numbers, count] = [this.#numbers(chunk), this.#count(chunk)];
    const place = placeIn(numbers, number, 0, count);
    if (numbers[place] !== number) return false;
    numbers.copyWithin(place, place + 1, count);
    this.#counts[chunk] = count - 1;
    this.#size--;
    if (count === 1) this.#drop(chunk);
    else this.#join(chunk);
    return true;
  }

  /** Valid until the list changes. */
  cursor(): Cursor {
    let [chunk, place] = [0, 0];
    return {
      seek: (from) => {
        if (chunk < this.#chunks.length && this.#lastOf(chunk) < from)
          [chunk, place] = [this.#chunkOf(from, chunk + 1), 0];
        if (chunk === this.#chunks.length) return Number.POSITIVE_INFINITY;
        const numbers = this.#numbers(chunk);
        // Usually it is this chunk or the next.
        if ((numbers[place] ?? 0) < from) place++;
        if ((numbers[place] ?? 0) < from) place = placeIn(numbers, from, place + 1, this.#count(chunk));
        return numbers[place] ?? Number.POSITIVE_INFINITY;
      },
    };
  }

  #append(number: number): void {
    this.#size++;
    const last = this.#chunks.length - 1;
    const count = last < 0 ? CHUNK : this.#count(last);
    if (count === CHUNK) {
      const numbers = new Uint32Array(last < 0 ? FIRST : CHUNK);
      numbers[0] = number;
      this.#chunks.push(numbers);
      this.#counts.push(1);
      return;
    }
    this.#withCapacity(last, count)[count] = number;
    this.#counts[last] = count + 1;
  }

  #insert(chunk: number, place: number, number: number): void {
    this.#size++;
    const count = this.#count(chunk);
    if (count < CHUNK) {
      const numbers = this.#withCapacity(chunk, count);
      numbers.copyWithin(place + 1, place, count);
      numbers[place] = number;
      this.#counts[chunk] = count + 1;
      return;
    }
    const half = CHUNK / 2;
    const upper = new Uint32Array(CHUNK);
    upper.set(this.#numbers(chunk).subarray(half));
    this.#chunks.splice(chunk + 1, 0, upper);
    this.#counts.splice(chunk, 1, half, half);
    this.#size--;
    if (place <= half) this.#insert(chunk, place, number);
    else this.#insert(chunk + 1, place - half, number);
  }

  /** The chunk, with room for one more. */
  #withCapacity(chunk: number, count: number): Uint32Array {
    const numbers = this.#numbers(chunk);
    if (count < numbers.length) return numbers;
    const larger = new Uint32Array(Math.min(CHUNK, numbers.length * 2));
    larger.set(numbers);
    this.#chunks[chunk] = larger;
    return larger;
  }

  /** Two neighbours that together fill no more than half a chunk become one. */
  #join(chunk: number): void {
    const first = chunk + 1 < this.#chunks.length ? chunk : chunk - 1;
    if (first < 0) return;
    const [one, other] = [this.#count(first), this.#count(first + 1)];
    if (one + other > CHUNK / 2) return;
    const joined = new Uint32Array(CHUNK);
    joined.set(this.#numbers(first).subarray(0, one));
    joined.set(this.#numbers(first + 1).subarray(0, other), one);
    this.#chunks[first] = joined;
    this.#counts[first] = one + other;
    this.#drop(first + 1);
  }

  #drop(chunk: number): void {
    this.#chunks.splice(chunk, 1);
    this.#counts.splice(chunk, 1);
  }

  /** Index of the first chunk, from `first` on, that reaches up to `number`. */
  #chunkOf(number: number, first: number): number {
    let [low, high] = [first, this.#chunks.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#lastOf(middle) < number) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #lastOf(chunk: number): number {
    return this.#numbers(chunk)[this.#count(chunk) - 1] ?? 0;
  }

  #numbers(chunk: number): Uint32Array {
    return this.#chunks[chunk] as Uint32Array;
  }

  #count(chunk: number): number {
    return this.#counts[chunk] as number;
  }
}

/** Index of the first number between `low` and `high` that is not below `number`; `high` if there is none. */
function placeIn(numbers: Uint32Array, number: number, low: number, high: number): number {
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((numbers[middle] as number) < number) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The numbers of all cursors; no two may share a number. */
export function union(cursors: readonly Cursor[]): Cursor {
  if (cursors.length === 1 && cursors[0]) return cursors[0];
  return {
    seek(from) {
      let first = Number.POSITIVE_INFINITY;
      for (const cursor of cursors) first = Math.min(first, cursor.seek(from));
      return first;
    },
  };
}

/** The numbers from `from` on that every cursor has. Fastest with the shortest list first. */
export function* intersection(cursors: readonly Cursor[], from: number): Generator<number, void, undefined> {
  let number = from;
  for (;;) {
    let agreed = true;
    for (const cursor of cursors) {
      const next = cursor.seek(number);
      if (next === Number.POSITIVE_INFINITY) return;
      if (next === number) continue;
      number = next;
      agreed = false;
    }
    if (!agreed) continue;
    yield number;
    number++;
  }
}
