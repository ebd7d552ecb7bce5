import type { Stepwise } from '../domain/stepwise.ts';

/** Others are served between two steps. The first is done at once, so that it sees what its caller sees. */
export async function inTurns<T>(steps: Stepwise<T>): Promise<T> {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    await nextTurn();
  }
}

/** Resolves when the event loop has been round once. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
