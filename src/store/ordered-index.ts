/**
 * Row keys by group, each group in order. Keys come mostly in rising order, so adding and removing at the tail is
 * cheap; a page is found by binary search.
 */
export class OrderedIndex {
  readonly #groups = new Map<string, string[]>();

  /** The key must not stand in the group yet. */
  add(group: string, key: string): void {
    const keys = this.#groups.get(group);
    if (!keys) {
      this.#groups.set(group, [key]);
      return;
    }
    const last = keys[keys.length - 1];
    if (last === undefined || last < key) {
      keys.push(key);
      return;
    }
    keys.splice(placeOf(keys, key), 0, key);
  }

  remove(group: string, key: string): void {
    const keys = this.#groups.get(group);
    if (!keys) return;
    if (keys[keys.length - 1] === key) {
      keys.pop();
    } else {
      const place = placeOf(keys, key);
      if (keys[place] === key) keys.splice(place, 1);
    }
    if (keys.length === 0) this.#groups.delete(group);
  }

  /** The live list: read it before the books change again. */
  keys(group: string): readonly string[] {
    return this.#groups.get(group) ?? [];
  }
}

/** Index of the first key that is not below `key`. */
export function placeOf(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] ?? '') < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * SI numbers by participant, input date and the participant's reference. Nested maps rather than one joined key: the
 * strings are those of the rows themselves, which matters with a million of them.
 */
export class ReferenceIndex {
  readonly #participants = new Map<string, Map<string, Map<string, string | string[]>>>();

  add(participant: string, date: string, reference: string, number: string): void {
    let dates = this.#participants.get(participant);
    if (!dates) {
      dates = new Map();
      this.#participants.set(participant, dates);
    }
    let references = dates.get(date);
    if (!references) {
      references = new Map();
      dates.set(date, references);
    }
    const there = references.get(reference);
    if (there === undefined) references.set(reference, number);
    else if (![there].flat().includes(number)) references.set(reference, [there, number].flat().sort());
  }

  remove(participant: string, date: string, reference: string, number: string): void {
    const dates = this.#participants.get(participant);
    const references = dates?.get(date);
    const there = references?.get(reference);
    if (!dates || !references || there === undefined) return;
    const [first, ...others] = [there].flat().filter((other) => other !== number);
    if (first !== undefined) references.set(reference, others.length === 0 ? first : [first, ...others]);
    else references.delete(reference);
    if (references.size === 0) dates.delete(date);
    if (dates.size === 0) this.#participants.delete(participant);
  }

  /** The lowest SI number that has this reference. */
  first(participant: string, date: string, reference: string): string | undefined {
    const there = this.#participants.get(participant)?.get(date)?.get(reference);
    return typeof there === 'object' ? there[0] : there;
  }
}
