/**
 * Long work as a generator that yields from time to time, so that the caller can run other work in between. The result
 * does not depend on how often it yields.
 */
export type Stepwise<T> = Generator<void, T, undefined>;

/** Items processed in one step: a few milliseconds. */
export const ITEMS_PER_STEP = 4096;

/** Runs all steps at once. */
export function atOnce<T>(steps: Stepwise<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** Compares texts by their UTF-16 code units, as `sort()` does. */
export function inOrder(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The items in order: runs of a step's length are sorted, then merged two by two. The sort is stable. */
export function* sortedSteps<T>(
  items: readonly T[],
  compare: (a: T, b: T) => number,
  perStep = ITEMS_PER_STEP,
): Stepwise<T[]> {
  let runs: T[][] = [];
  for (let from = 0; from < items.length; from += perStep) {
    if (from > 0) yield;
    runs.push(items.slice(from, from + perStep).sort(compare));
  }
  while (runs.length > 1) {
    const longer: T[][] = [];
    for (let n = 0; n < runs.length; n += 2)
      longer.push(yield* merged(runs[n] ?? [], runs[n + 1] ?? [], compare, perStep));
    runs = longer;
  }
  return runs[0] ?? [];
}

function* merged<T>(one: T[], other: T[], compare: (a: T, b: T) => number, perStep: number): Stepwise<T[]> {
  if (other.length === 0) return one;
  const all: T[] = [];
  for (let [i, j] = [0, 0]; i < one.length || j < other.length; ) {
    if (j === other.length || (i < one.length && compare(one[i] as T, other[j] as T) <= 0)) all.push(one[i++] as T);
    else all.push(other[j++] as T);
    if (all.length % perStep === 0) yield;
  }
  return all;
}
