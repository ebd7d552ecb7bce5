import { type Decimal, decimal, larger, quotient, roundOff, sum } from '../exact.ts';
import type { Imrpf, ScenarioTable } from '../imrpf/imrpf.ts';
import type { Holding } from './holdings.ts';
import type { CheckedParams } from './input.ts';
import { inputProblem, MarginInputError } from './margin-input-error.ts';
import { type Groups, portfolioGroups } from './portfolio-groups.ts';
import { groupTails, type Tail, tailSize } from './tails.ts';

export interface PortfolioMargin {
  readonly amount: Decimal;
  readonly groups: Groups;
  /** Only of groups that have scenarios in the component. */
  readonly hvarTails: ReadonlyMap<string, Tail>;
  readonly svarTails: ReadonlyMap<string, Tail>;
  readonly shortfall: Shortfall;
  readonly floorBase: Decimal;
  readonly floor: Decimal;
}

/** Weighted means of tails, by group and in all, as fractions over one denominator, since most decimals never end. */
export interface Shortfall {
  readonly weighted: ReadonlyMap<string, Decimal>;
  readonly total: Decimal;
  readonly denominator: Decimal;
}

/**
 * Portfolio margin (guide 3.2.4.1): expected shortfall of historical and stressed scenarios, weighted, over all groups, in
 * absolute terms, and at least the floor. Yields after each record of scenarios.
 */
export function* portfolioMargin(
  imrpf: Imrpf,
  holdings: readonly Holding[],
  params: CheckedParams,
): Generator<undefined, PortfolioMargin> {
  const { hvar, svar, parameters } = imrpf;
  refuseShortRecords(imrpf, holdings);
  const members = holdings.filter(({ code }) => hvar.rows.has(code) || svar.rows.has(code));
  const groups = portfolioGroups(imrpf, members, params.ipoInstruments);
  // The parameters of a component are checked only if some holding is in it.
  const inUse = ({ rows }: ScenarioTable) => members.some(({ code }) => rows.has(code));
  const sizes = {
    hvar: inUse(hvar) ? tailSize('HVaR_CL', parameters.hvarConfidence, hvar.count) : 1,
    svar: inUse(svar) ? tailSize('SVaR_CL', parameters.svarConfidence, svar.count) : 1,
  };
  const hvarTails = yield* groupTails(hvar, sizes.hvar, groups);
  const svarTails = yield* groupTails(svar, sizes.svar, groups);
  const shortfall = weightedShortfall(
    [...groups.keys()],
    [
      { tails: hvarTails, size: sizes.hvar, weight: decimal(parameters.hvarWeight) },
      { tails: svarTails, size: sizes.svar, weight: decimal(parameters.svarWeight) },
    ],
  );
  return { groups, hvarTails, svarTails, shortfall, ...flooredMargin(shortfall, members, params.minimumMarginRate) };
}

/** The number of scenario records to process. */
export function portfolioSteps({ hvar, svar }: Imrpf, holdings: readonly Holding[]): number {
  const inTable = ({ rows }: ScenarioTable) => holdings.filter(({ code }) => rows.has(code)).length;
  return inTable(hvar) + inTable(svar);
}

export interface Component {
  readonly tails: ReadonlyMap<string, Pick<Tail, 'sum'>>;
  readonly size: number;
  readonly weight: Decimal;
}

/**
 * Mean of each tail x the component's weight, added by group and over groups, nothing rounded (guide 3.2.4.1). A group without
 * scenarios in a component gets nothing from it, and the other weight stays the same (mock convention).
 */
export function weightedShortfall(groups: readonly string[], components: readonly Component[]): Shortfall {
  const denominator = components.reduce((product, { size }) => product.times(size), decimal(1));
  const numerator = (group: string) =>
    sum(
      components.map(({ tails, size, weight }) => {
        const others = quotient(denominator, decimal(size), 0);
        return (tails.get(group)?.sum ?? decimal(0)).times(weight).times(others);
      }),
    );
  const weighted = new Map(groups.map((group) => [group, numerator(group)] as const));
  return { weighted, total: sum(weighted.values()), denominator };
}

/**
 * The larger of the shortfall and the floor: the minimum rate x the larger side of the gross market value (guide 3.2.4.1.3), over
 * all instruments with scenarios, those of an IPO included. The absolute value is of the total, not per group (mock convention).
 */
export function flooredMargin(
  { total, denominator }: Shortfall,
  members: readonly Pick<Holding, 'marketValue'>[],
  minimumRate: Decimal,
): Pick<PortfolioMargin, 'amount' | 'floorBase' | 'floor'> {
  const values = members.map(({ marketValue }) => marketValue);
  const long = sum(values.filter((value) => value.gt(0)));
  const short = sum(values.filter((value) => value.lt(0))).abs();
  const floorBase = larger(long, short);
  const floor = roundOff(floorBase.times(minimumRate));
  // Rounding keeps the order, so the larger of two rounded values is the larger value, rounded.
  return { amount: larger(quotient(total, denominator, 0).abs(), floor), floorBase, floor };
}

/** Fewer cells than scenarios: an error where the instrument is held (mock convention). */
function refuseShortRecords({ hvar, svar }: Imrpf, holdings: readonly Holding[]): void {
  const problems = ([hvar, svar] as const).flatMap(({ short, count }, index) =>
    holdings.flatMap(({ code }) => {
      const cells = short?.get(code);
      const got = { en: `${cells} scenarios`, zh: `${cells} 個情景` };
      const expected = { en: `${count}, since it is held`, zh: ` ${count} 個，因持有該證券` };
      return cells === undefined ? [] : [inputProblem(`IMRPF ${code}, FieldType ${index + 1}`, got, expected)];
    }),
  );
  if (problems.length > 0) throw new MarginInputError(...problems);
}
