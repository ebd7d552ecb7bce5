import type { Instant } from '../domain/nouns/market.ts';
import type { Refusal } from '../domain/refusal.ts';
import type { Applied } from './books/books.ts';

/** Most rows in one append (a larger commit goes alone), so that a long queue does not block the process. */
const ROWS_AN_APPEND = 8_192;

/** A decision that the books already have and that waits to become a commit; one of the three methods ends it. */
export interface Transaction extends Applied {
  readonly at: Instant;
  done(): void;
  refused(refusal: Refusal): void;
  failed(error: unknown): void;
}

/** The transactions that wait for the log, and a count of those that are not yet acknowledged. */
export class TransactionQueue {
  #waiting: Transaction[] = [];
  #unacknowledged = 0;
  #whenIdle: (() => void)[] = [];

  add<T>(decided: Pick<Transaction, 'at' | 'changes' | 'befores'>, answer: T): Promise<T | Refusal> {
    this.#unacknowledged++;
    const settled = new Promise<T | Refusal>((resolve, reject) => {
      this.#waiting.push({ ...decided, done: () => resolve(answer), refused: resolve, failed: reject });
    });
    const settle = () => this.#settled();
    settled.then(settle, settle);
    return settled;
  }

  /** The next transactions to append together; removes them from the queue. Empty if there are none. */
  takeGroup(): Transaction[] {
    let rows = 0;
    let count = 0;
    for (const { changes } of this.#waiting) {
      rows += changes.length;
      if (count > 0 && rows > ROWS_AN_APPEND) break;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  takeAll(): Transaction[] {
    return this.#waiting.splice(0);
  }

  /** Resolves when every transaction has ended. */
  async idle(): Promise<void> {
    if (this.#unacknowledged > 0) await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
  }

  #settled(): void {
    if (--this.#unacknowledged > 0) return;
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }
}
