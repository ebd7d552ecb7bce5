import type { Instant } from '../../domain/nouns/market.ts';

/** Market time as it runs with the machine's, at a rate, or stands still. It never goes back but by `set`. */
export class RunningTime {
  #mode: 'running' | 'frozen';
  #rate: number;
  #base: Instant;
  #baseWall = Date.now();
  #last: Instant;
  #paused = false;

  constructor(at: Instant | 'now', mode: 'running' | 'frozen', rate: number) {
    checkRate(rate);
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
    if (this.#mode === 'frozen' || this.#paused) return this.#base;
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

  /** As if it had been created anew. */
  restart(at: Instant, mode: 'running' | 'frozen', rate: number): void {
    this.#mode = mode;
    this.#rate = rate;
    this.set(at);
  }

  setForward(at: Instant): void {
    if (at > this.now()) this.set(at);
  }

  /** Stands at `at`, whatever the mode, until `resume`. */
  pauseAt(at: Instant): void {
    this.set(at);
    this.#paused = true;
  }

  /** Goes on from where it stands. */
  resume(): void {
    this.set(this.now());
    this.#paused = false;
  }

  /** Goes on from `at` if it is later than that. */
  slowDown(at: Instant): void {
    if (this.now() > at) this.set(at);
  }

  /** Stands still from now on. */
  freeze(): void {
    this.set(this.now());
    this.#mode = 'frozen';
  }

  /** Runs from now on at `rate`. */
  run(rate: number): void {
    this.set(this.now());
    this.#mode = 'running';
    this.#rate = rate;
  }
}

/** @throws RangeError */
export function checkRate(rate: number): void {
  if (rate > 0 && Number.isFinite(rate)) return;
  throw new RangeError(`the clock cannot run at rate ${rate}: give a number above 0, or freeze the clock`);
}
