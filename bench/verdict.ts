import type { Benchmark, Measured, Target, Values } from './benchmark.ts';

/** The middle of some numbers, and how far they lie apart. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** @throws RangeError if there is none. */
export function spread(values: Values): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const [least, middle, most] = [sorted[0], sorted[half], sorted.at(-1)];
  if (least === undefined || middle === undefined || most === undefined) throw new RangeError('nothing was measured');
  const median = sorted.length % 2 === 1 ? middle : ((sorted[half - 1] ?? middle) + middle) / 2;
  return { median, least, most };
}

/** One line of the table: a figure of ours against one other subject, or by itself. */
export interface Verdict {
  readonly figure: string;
  readonly unit: string;
  readonly us: Spread | null;
  readonly against: string | null;
  readonly theirs: Spread | null;
  /** Of the ratios of each round, ours to theirs: both were measured within moments, so noise falls out of them. */
  readonly ratio: Spread | null;
  readonly target: Target | null;
  /** null = there is no target, or it could not be measured. */
  readonly met: boolean | null;
  readonly skipped: string | null;
}

/** A verdict for every target and, without one, for every subject that has the figure too. */
export function verdicts({ figures }: Pick<Benchmark, 'figures'>, measured: readonly Measured[]): readonly Verdict[] {
  const us = measured.find(({ role }) => role === 'us');
  const others = measured.filter(({ role }) => role !== 'us');
  return Object.entries(figures).flatMap(([figure, { unit, targets }]) => {
    const ours = us?.figures[figure] ?? [];
    const alone = targets.filter(({ of }) => of === undefined);
    const compared = others.flatMap((other) => {
      const wanted = targets.filter(({ of }) => of === other.name);
      return (wanted.length > 0 ? wanted : [null]).map((target) => ({ other, target }));
    });
    const lines = [
      ...alone.map((target) => ({ other: null, target })),
      ...compared.filter(({ other, target }) => target !== null || other.skipped !== null || figure in other.figures),
    ];
    return (lines.length > 0 ? lines : [{ other: null, target: null }]).map(({ other, target }): Verdict => {
      const theirs = other?.figures[figure] ?? [];
      const ratios = theirs.flatMap((value, round) => (ours[round] === undefined ? [] : [ours[round] / value]));
      const judged = other ? ratios : ours;
      return {
        figure,
        unit,
        us: ours.length > 0 ? spread(ours) : null,
        against: other?.name ?? null,
        theirs: theirs.length > 0 ? spread(theirs) : null,
        ratio: ratios.length > 0 ? spread(ratios) : null,
        target,
        met: target === null || judged.length === 0 ? null : fits(spread(judged).median, target),
        skipped: other?.skipped ?? us?.skipped ?? null,
      };
    });
  });
}

function fits(value: number, target: Target): boolean {
  return 'atLeast' in target ? value >= target.atLeast : value <= target.atMost;
}
