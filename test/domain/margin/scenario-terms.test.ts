import Big from 'big.js';
import { assert, bigInt, constantFrom, integer, oneof, property, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimal } from '../../../src/domain/exact.ts';
import { RETURN_SCALE } from '../../../src/domain/imrpf/imrpf.ts';
import { addTerms } from '../../../src/domain/margin/scenario-terms.ts';

const RUNS = { numRuns: process.env.HARNESS_TEST_SIZE === 'full' ? 100_000 : 2_000 };

/** The guide's definition: the product, rounded off. */
const naive = (marketValue: string, unit: number) =>
  Number(new Big(marketValue).times(unit).times('1e-10').round(0, Big.roundHalfUp).toFixed());

const termOf = (marketValue: string, unit: number) => {
  const totals = new Float64Array(1);
  addTerms(totals, decimal(marketValue), Float64Array.of(unit), 0);
  return totals[0] as number;
};

describe('a scenario term is rounded off on the exact product,', () => {
  it.each([
    ['a half up', '100', '0.005', 1],
    ['a negative half down', '-100', '0.005', -1],
    ['less than a half to nothing', '100', '0.0049999999', 0],
    ['1,000,050 x 0.00001, which is 10.0005', '1000050', '0.00001', 10],
    ['a product that doubles put below its half', '1050', '0.0833333333', 87],
    ['a half of cents', '0.5', '1', 1],
    ['a half of a market value with cents', '-33.33', '-0.5', 17],
    ['a half above 2^50', '1125899906842625', '0.5', 562949953421313],
    ['an odd market value beyond 2^53, halved', '9007199254740993', '0.5', 4503599627370497],
  ])('%s', (_, marketValue, returned, term) => {
    expect(termOf(marketValue, Math.round(Number(returned) * RETURN_SCALE))).toBe(term);
  });

  /** A market value in units of 10^-scale. */
  const marketValues = tuple(bigInt(-(10n ** 18n), 10n ** 18n), integer({ min: 0, max: 6 })).map(([digits, scale]) =>
    new Big(digits.toString()).times(`1e-${scale}`),
  );
  const returns = oneof(
    integer({ min: -3 * RETURN_SCALE, max: 3 * RETURN_SCALE }),
    // Of few digits, as the published ones.
    integer({ min: -2_000_000, max: 2_000_000 }).map((millionths) => millionths * 10_000),
  );
  /** Products at a half, or one unit beside it: the market value is chosen for the return. */
  const nearHalves = tuple(
    bigInt(0n, 10n ** 12n),
    constantFrom(1, 2, 4, 5, 8, 16, 20, 25, 32, 40, 50, 64, 80, 100, 125, 160, 200, 250),
    constantFrom('-0.0000001', '0', '0.0000001'),
    constantFrom(1, -1),
  ).map(([whole, divisor, beside, sign]) => {
    const product = new Big(whole.toString()).plus('0.5').plus(beside);
    // The return 1/divisor, and so an exact market value.
    return { marketValue: product.times(divisor).times(sign), unit: RETURN_SCALE / divisor };
  });

  it('as Big does it, at any size', () => {
    assert(
      property(marketValues, returns, (marketValue, unit) => {
        const text = marketValue.toFixed();
        const expected = naive(text, unit);
        if (Math.abs(expected) > Number.MAX_SAFE_INTEGER) return;
        expect(termOf(text, unit) + 0).toBe(expected + 0);
      }),
      RUNS,
    );
  });

  it('as Big does it, at and beside a half', () => {
    assert(
      property(nearHalves, ({ marketValue, unit }) => {
        const text = marketValue.toFixed();
        expect(termOf(text, unit) + 0).toBe(naive(text, unit) + 0);
      }),
      RUNS,
    );
  });

  it('and the largest is returned, so that a sum beyond 2^53 is detected', () => {
    const totals = new Float64Array(3);
    expect(addTerms(totals, decimal(-1000), Float64Array.of(7, 0.2 * RETURN_SCALE, -0.3 * RETURN_SCALE, 0), 1)).toBe(
      300,
    );
    expect([...totals]).toEqual([-200, 300, 0]);
  });
});
