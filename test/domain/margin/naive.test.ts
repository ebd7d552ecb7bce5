import Big from 'big.js';
import { array, assert, constantFrom, integer, property, record } from 'fast-check';
import { expect, it } from 'vitest';
import { RETURN_SCALE } from '../../../src/domain/imrpf/imrpf.ts';
import { margin, marginSteps } from '../../../src/domain/margin/margin.ts';
import { lines, type Small, smallImrpf } from '../../support/margin-small.ts';

/** Portfolio margin in the simplest form: every term a decimal, every group a list, nothing optimised. */
function naive(hvar: Table, svar: Table, held: ReadonlyMap<string, Big>, ipos: readonly string[]) {
  const worst = (table: Table, confidence: string, codes: readonly string[]) => {
    const scenarios = Object.values(table)[0]?.length ?? 0;
    const size = new Big(1).minus(confidence).times(scenarios).round(0, Big.roundUp).toNumber();
    const totals = Array.from({ length: scenarios }, (_, scenario) =>
      codes.reduce((total, code) => {
        const product = (held.get(code) ?? new Big(0)).times(table[code]?.[scenario] ?? 0);
        return total.plus(product.round(0, Big.roundHalfUp));
      }, new Big(0)),
    );
    const numbered = totals.map((total, scenario) => ({ total, number: scenario + 1 }));
    const tail = numbered.sort((a, b) => a.total.cmp(b.total) || a.number - b.number).slice(0, size);
    return {
      sum: tail.reduce((sum, { total }) => sum.plus(total), new Big(0)),
      size,
      tail: tail.map((one) => one.number),
    };
  };
  const codes = [...held.keys()];
  const groups = [
    ...ipos.filter((ipo) => held.has(ipo)).map((ipo) => [ipo]),
    codes.filter((code) => !ipos.includes(code)),
  ];
  const tails = groups
    .filter(({ length }) => length > 0)
    .map((group) => [worst(hvar, '0.7', group), worst(svar, '0.85', group)]);
  const total = tails.reduce(
    // Over 6 x 3, so that nothing is divided before the end.
    (sum, [h, s]) => sum.plus(h?.sum.times('0.75').times(3) ?? 0).plus(s?.sum.times('0.25').times(6) ?? 0),
    new Big(0),
  );
  const sides = [1, -1].map((sign) =>
    [...held.values()].filter((value) => value.s === sign).reduce((sum, value) => sum.plus(value.abs()), new Big(0)),
  );
  const floor = sides
    .reduce((most, side) => (side.gt(most) ? side : most), new Big(0))
    .times('0.01')
    .round(0, Big.roundHalfUp);
  // Eighteenths are far enough from a half at 40 decimals.
  const Precise = Big();
  Precise.DP = 40;
  const shortfall = new Precise(total.toFixed()).div(18).abs().round(0, Big.roundHalfUp);
  return {
    amount: Math.max(shortfall.toNumber(), floor.toNumber()),
    tails: tails.map((both) => both.map(({ tail }) => tail)),
  };
}

type Table = Readonly<Record<string, readonly string[]>>;
const CODES = ['1', '2', '3', '4'];
const table = (scenarios: number) => {
  const returns = integer({ min: -RETURN_SCALE / 10, max: RETURN_SCALE / 10 }).map((unit) =>
    new Big(unit).times('1e-10').toFixed(),
  );
  const coarse = integer({ min: -40, max: 40 }).map((unit) => new Big(unit).times('0.005').toFixed());
  const row = constantFrom(returns, coarse).chain((cell) =>
    array(cell, { minLength: scenarios, maxLength: scenarios }),
  );
  return record(Object.fromEntries(CODES.map((code) => [code, row] as const)));
};
const values = integer({ min: -1_000_000_000, max: 1_000_000_000 }).map((cents) => new Big(cents).times('0.01'));
const RUNS = { numRuns: process.env.HARNESS_TEST_SIZE === 'full' ? 2_000 : 60 };

it('portfolio margin is the same as term by term in decimals, down to the scenarios of each tail', () => {
  assert(
    property(table(20), table(20), array(values, { minLength: 4, maxLength: 4 }), (hvar, svar, marketValues) => {
      const held = new Map(
        CODES.map((code, index) => [code, marketValues[index] ?? new Big(0)] as const).filter(
          ([, value]) => !value.eq(0),
        ),
      );
      const small: Small = { hvar, svar, parameters: { hvarConfidence: '0.7', svarConfidence: '0.85' } };
      const positions = lines(
        Object.fromEntries([...held].map(([code, value]) => [code, { marketValue: value.toFixed() }])),
      );
      const { portfolioMargin, detail } = margin(smallImrpf(small), positions, {
        ...{ minimumMarginRate: '0.01', ipoInstruments: ['1', '2'] },
      });
      const expected = naive(hvar, svar, held, ['1', '2']);
      expect(portfolioMargin.amount).toBe(expected.amount);
      const groups = Object.keys(detail.groups);
      expect(
        groups.map((group) => [detail.hvarTails, detail.svarTails].map((tails) => tails[group]?.tailScenarios)),
      ).toEqual(expected.tails);
    }),
    RUNS,
  );
});

it('step by step: it yields after each scenario record, and a caller may stop on the way', () => {
  const imrpf = smallImrpf({ hvar: { 1: ['-0.1'], 2: ['0.1'] }, svar: { 2: ['0.1'] }, flat: { 3: '1' } });
  const positions = lines({
    1: { marketValue: 100 },
    2: { marketValue: 100 },
    3: { marketValue: 100 },
    4: { marketValue: 1 },
  });
  const params = { minimumMarginRate: 0 };
  const steps = marginSteps(imrpf, positions, params);
  const told = [];
  let step = steps.next();
  for (; !step.done; step = steps.next()) told.push(step.value);
  expect(told).toEqual([1, 2, 3].map((done) => ({ done, total: 3 })));
  expect(step.value).toEqual(margin(imrpf, positions, params));

  const stopped = marginSteps(imrpf, positions, params);
  stopped.next();
  stopped.return(margin(imrpf, [], params));
  expect(stopped.next()).toEqual({ done: true, value: undefined });
});
