import type { Stepwise } from '../domain/stepwise.ts';

/** Does the steps one in each turn of the event loop, so that other requests are served in between. The first is done at once and sees what its caller sees. */
export async function inTurns<T>(steps: Stepwise<T>): Promise<T> {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    await nextTurn();
  }
}

/** Resolves in the next turn of the event loop. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
