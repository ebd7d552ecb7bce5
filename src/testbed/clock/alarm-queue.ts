import type { Instant } from '../../domain/nouns/market.ts';

export interface Pending {
  readonly when: Instant;
  /** Order in which alarms were set: of two for one instant, the one set first rings first. */
  readonly order: number;
}

/** Pending alarms, in the order in which they will ring. */
export class AlarmQueue<A extends Pending> {
  readonly #alarms: A[] = [];

  /** When the first alarm is due; Infinity if there is none. */
  get next(): Instant {
    return this.#alarms[0]?.when ?? Number.POSITIVE_INFINITY;
  }

  add(alarm: A): void {
    this.#alarms.splice(this.#indexOf(alarm), 0, alarm);
  }

  remove(alarm: A): void {
    const index = this.#indexOf(alarm);
    if (this.#alarms[index] === alarm) this.#alarms.splice(index, 1);
  }

  /** Removes and returns the first alarm if it is due at `at`. */
  takeDue(at: Instant): A | undefined {
    return this.next <= at ? this.#alarms.shift() : undefined;
  }

  clear(): void {
    this.#alarms.length = 0;
  }

  /** Index of the alarm, or where it would be inserted. */
  #indexOf(alarm: A): number {
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
