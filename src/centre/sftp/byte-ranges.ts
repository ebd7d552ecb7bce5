/** A set of the bytes of a file, as pairs of first and last byte, both included, in order and apart from each other. */
export class ByteRanges {
  readonly #pairs: [number, number][] = [];
  readonly #grew: (pairs: number) => void;

  /** @param grew called with how many pairs there are more, or less */
  constructor(grew: (pairs: number) => void = () => undefined) {
    this.#grew = grew;
  }

  get pairs(): readonly (readonly [number, number])[] {
    return this.#pairs;
  }

  /** Adds a range and merges those that then touch. */
  add(first: number, last: number): void {
    const pairs = this.#pairs;
    const before = pairs.at(-1);
    // The usual case: sequential reads.
    if (before && before[1] + 1 === first) {
      before[1] = last;
      return;
    }
    let at = pairs.length;
    while (at > 0 && (pairs[at - 1]?.[1] ?? 0) >= first - 1) at--;
    let until = at;
    let [from, to] = [first, last];
    for (let pair = pairs[until]; pair && pair[0] <= last + 1; pair = pairs[++until]) {
      from = Math.min(from, pair[0]);
      to = Math.max(to, pair[1]);
    }
    pairs.splice(at, until - at, [from, to]);
    if (until - at !== 1) this.#grew(1 - (until - at));
  }
}
