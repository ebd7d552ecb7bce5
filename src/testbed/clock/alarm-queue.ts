import type { Instant } from '../../domain/nouns/market.ts';

export interface Pending {
  readonly when: Instant;
  /** Counts the settings: of two for one instant the earlier set rings first. */
  readonly order: number;
}

/** Alarms that have not rung, in the order in which they will. */
export class AlarmQueue<A extends Pending> {
  readonly #alarms: A[] = [];

  /** When the first one is due; Infinity = there is none. */
  get next(): Instant {
    return this.#alarms[0]?.when ?? Number.POSITIVE_INFINITY;
  }

  add(alarm: A): void {
    this.#alarms.splice(this.#placeOf(alarm), 0, alarm);
  }

  remove(alarm: A): void {
    const place = this.#placeOf(alarm);
    if (this.#alarms[place] === alarm) this.#alarms.splice(place, 1);
  }

  /** Takes out the first one if it is due at `at`. */
  takeDue(at: Instant): A | undefined {
    return this.next <= at ? this.#alarms.shift() : undefined;
  }

  clear(): void {
    this.#alarms.length = 0;
  }

  /** Where the alarm stands, or would stand. */
  #placeOf(alarm: A): number {
    let low = 0;
    let high = this.#alarms.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#alarms[middle];
      if (other && (other.when < alarm.when || (other.when === alarm.when && other.order < alarm.order)))
        low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
