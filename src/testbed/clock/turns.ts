/** Runs one piece of work after the other, in the order in which they were asked for. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  readonly #onIdle: () => void;

  /** `onIdle` is called when the last one has ended. */
  constructor(onIdle: () => void) {
    this.#onIdle = onIdle;
  }

  /** Whether any work waits or is under way. */
  get busy(): boolean {
    return this.#waiting > 0;
  }

  run<T>(work: () => Promise<T>): Promise<T> {
    this.#waiting++;
    const turn = this.#last.then(work).finally(() => {
      if (--this.#waiting === 0) this.#onIdle();
    });
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}
