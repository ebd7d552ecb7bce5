/**
 * Row keys by group, each group in order. Keys come mostly in rising order, so adding and removing at the tail is
 * cheap; a page is found by binary search.
 */
export class OrderedIndex {
  readonly #groups = new Map<string, string[]>();

  /** The key must not be in the group yet. */
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

  /** The groups that have keys, in no particular order. */
  groups(): Iterable<string> {
    return this.#groups.keys();
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
