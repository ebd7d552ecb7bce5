import { array, assert, constant, constantFrom, integer, property, record, shuffledSubarray, tuple } from 'fast-check';
import { expect, it } from 'vitest';
import type { MarginablePosition, MarginResult } from '../../../src/domain/margin/calculation.ts';
import { margin } from '../../../src/domain/margin/margin.ts';
import { SAMPLE_PARAMS, sampleImrpf } from '../../support/margin-sample.ts';

/** Any portfolio of the instruments of the sample file, and of two without a record. */
const CODES = ['658', '700', '1299', '1876', '2823', '3456', '3457', '3606', '3690', '26883', '60954', '2800'];
const OTHERS = ['DSP700', 'DIV1299', 'SRI3606', 'DSP5', '9999'];
const amounts = integer({ min: -1_000_000_000, max: 1_000_000_000 });
const positions = array(
  record({
    instrument: constantFrom(...CODES, ...OTHERS),
    ...{ quantity: amounts, contractValue: amounts, marketValue: amounts },
  }),
  { maxLength: 20 },
);
const RUNS = { numRuns: process.env.HARNESS_TEST_SIZE === 'full' ? 5_000 : 150 };
const imrpf = sampleImrpf();
const of = (lines: readonly MarginablePosition[], params = SAMPLE_PARAMS) => margin(imrpf, lines, params);

it('a pair that offsets fully changes nothing', () => {
  assert(
    property(positions, tuple(constantFrom(...CODES, ...OTHERS), amounts, amounts, amounts), (lines, pair) => {
      const [instrument, quantity, contractValue, marketValue] = pair;
      const one = { instrument, quantity, contractValue, marketValue };
      const other = { instrument, quantity: -quantity, contractValue: -contractValue, marketValue: -marketValue };
      expect(of([one, ...lines, other])).toEqual(of(lines));
    }),
    RUNS,
  );
});

it('the order of positions is irrelevant', () => {
  const shuffled = positions.chain((lines) =>
    tuple(constant(lines), shuffledSubarray(lines, { minLength: lines.length })),
  );
  assert(
    property(shuffled, ([lines, mixed]) => {
      expect(of(mixed)).toEqual(of(lines));
    }),
    RUNS,
  );
});

it('no component is negative', () => {
  const amountsOf = (result: MarginResult) => [
    ...[result.portfolioMargin.amount, result.portfolioMargin.floor, result.portfolioMargin.floorBase],
    ...[result.flatRateMargin, ...Object.values(result.liquidationRiskAddOn), result.structuredProductAddOn],
    ...[result.corporateActionMargin, result.holidayAddOn, result.aggregateBeforeRounding, result.rounded],
    ...[result.mtmRequirement, result.favourableMtm, result.netMargin, result.netMarginAfterCredit],
    ...[result.positionLimitAddOn, result.total],
  ];
  assert(
    property(positions, (lines) => {
      for (const amount of amountsOf(of(lines))) expect(Number(amount)).toBeGreaterThanOrEqual(0);
    }),
    RUNS,
  );
});

it('floor base, flat rate and structured add-on, before rounding, scale with the positions', () => {
  // Rates of whole percents and positions in hundreds: nothing is left to round.
  const whole = positions.map((lines) =>
    lines.map(({ instrument, quantity, contractValue, marketValue }) => ({
      ...{ instrument, quantity: quantity * 1_000, contractValue, marketValue: marketValue * 100 },
    })),
  );
  assert(
    property(whole, integer({ min: 1, max: 50 }), (lines, factor) => {
      const scaled = of(
        lines.map(({ instrument, quantity, contractValue, marketValue }) => ({
          ...{ instrument, quantity: quantity * factor, contractValue, marketValue: marketValue * factor },
        })),
      );
      const once = of(lines);
      expect(scaled.portfolioMargin.floorBase).toBe(Number(once.portfolioMargin.floorBase) * factor);
      expect(scaled.flatRateMargin).toBe(once.flatRateMargin * factor);
      expect(scaled.structuredProductAddOn).toBe(once.structuredProductAddOn * factor);
    }),
    RUNS,
  );
});
