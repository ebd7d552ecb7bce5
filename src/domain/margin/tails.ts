import { type Decimal, decimal } from '../exact.ts';
import type { ScenarioTable } from '../imrpf/imrpf.ts';
import { inputProblem, MarginInputError } from './margin-input-error.ts';
import type { Groups } from './portfolio-groups.ts';
import { addTerms } from './scenario-terms.ts';

/** The worst scenarios of one group: their mean is its expected shortfall. */
export interface Tail {
  readonly count: number;
  readonly sum: Decimal;
  /** Scenario numbers from 1, worst first. */
  readonly scenarios: readonly number[];
}

/**
 * Tail of each group that has scenarios in the table. Yields after each instrument. @throws MarginInputError if P&Ls are too
 * large to be added exactly.
 */
export function* groupTails(
  table: ScenarioTable,
  size: number,
  groups: Groups,
): Generator<undefined, ReadonlyMap<string, Tail>> {
  const tails = new Map<string, Tail>();
  for (const [group, holdings] of groups) {
    const totals = new Float64Array(table.count);
    let reach = 0;
    let takesPart = false;
    for (const { code, marketValue } of holdings) {
      const row = table.rows.get(code);
      if (row === undefined) continue;
      takesPart = true;
      reach += addTerms(totals, marketValue, table.returns, row * table.count);
      yield;
    }
    if (reach > Number.MAX_SAFE_INTEGER) {
      throw new MarginInputError(
        inputProblem(
          'positions',
          { en: `P&Ls of ${group} up to ${reach}`, zh: `${group} 的損益達 ${reach}` },
          {
            en: `scenario P&Ls of a group of no more than ${Number.MAX_SAFE_INTEGER} HKD, the limit of exact addition`,
            zh: `每組情景損益不大於 ${Number.MAX_SAFE_INTEGER} 港元（可準確相加的上限）`,
          },
        ),
      );
    }
    if (takesPart) tails.set(group, tailOf(totals, size));
  }
  return tails;
}

/**
 * The number of scenarios in the tail: (1 - confidence) x count, rounded up (guide 3.2.4.1). In decimals, since binary floats
 * give 6.000000000000005 for (1 - 0.994) x 1,000, and so 7. @throws MarginInputError if it is below 1 or above the count.
 */
export function tailSize(name: string, confidence: string, count: number): number {
  const exact = decimal(1).minus(confidence).times(count);
  const size = exact.round(0, 0);
  const whole = size.lt(exact) ? size.plus(1) : size;
  if (whole.lt(1) || whole.gt(count)) {
    throw new MarginInputError(
      inputProblem(`IMRPF ${name}`, `${confidence}, ${whole.toFixed()}/${count}`, {
        en: 'a confidence with 1 to all scenarios in its tail',
        zh: '令尾部含 1 個至全部情景的置信水平',
      }),
    );
  }
  return whole.toNumber();
}

/**
 * The `size` lowest P&Ls. Which of equal ones are included does not matter to the sum; the list has the lower scenario number
 * first (mock convention).
 */
export function tailOf(totals: Float64Array, size: number): Tail {
  const order = Array.from(totals.keys()).sort((a, b) => (totals[a] as number) - (totals[b] as number) || a - b);
  const worst = order.slice(0, size);
  // A few terms below 2^53 can add up to more.
  const sum = worst.reduce((total, scenario) => total + BigInt(totals[scenario] as number), 0n);
  return { count: size, sum: decimal(sum.toString()), scenarios: worst.map((scenario) => scenario + 1) };
}
