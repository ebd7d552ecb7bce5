import type { Instant } from '../../domain/nouns/market.ts';

/** Market time as it runs with the machine's, at a rate, or stands still. It never goes back but by `set`. */
export class RunningTime {
  #mode: 'running' | 'frozen';
  #rate: number;
  #base: Instant;
  #baseWall = Date.now();
  #last: Instant;

  constructor(at: Instant | 'now', mode: 'running' | 'frozen', rate: number) {
    this.#mode = mode;
    this.#rate = rate;
    this.#base = at === 'now' ? this.#baseWall : at;
    this.#last = this.#base;
  }

  get mode(): 'running' | 'frozen' {
    return this.#mode;
  }

  /** Market milliseconds per wall millisecond while running. */
  get rate(): number {
    return this.#rate;
  }

  now(): Instant {
    if (this.#mode === 'frozen') return this.#base;
    const wall = Date.now();
    const at = Math.floor(this.#base + (wall - this.#baseWall) * this.#rate);
    if (at >= this.#last) {
      this.#last = at;
      return at;
    }
    // The machine's clock was set back; market time goes on from its last value.
    this.#base = this.#last;
    this.#baseWall = wall;
    return this.#last;
  }

  set(at: Instant): void {
    this.#base = at;
    this.#last = at;
    this.#baseWall = Date.now();
  }

  /** Stands still from now on; returns where. */
  freeze(): Instant {
    this.set(this.now());
    this.#mode = 'frozen';
    return this.#base;
  }

  /** Runs from now on at `rate`. */
  run(rate: number): void {
    this.set(this.now());
    this.#mode = 'running';
    this.#rate = rate;
  }
}
