import { describe, expect, it } from 'vitest';
import { decimal, figure, quotient, roundUpTo } from '../../../src/domain/exact.ts';
import { guaranteeFundCollateral } from '../../../src/domain/margin/guarantee-fund.ts';
import { margin } from '../../../src/domain/margin/margin.ts';
import { smallImrpf, smallMargin } from '../../support/margin-small.ts';

/** A flat rate of 1, so that the market value is the margin. */
const flat = { A: '1' };
const of = (marketValue: number, params: Parameters<typeof smallMargin>[2] = {}, contractValue = marketValue) =>
  smallMargin({ flat }, { A: { marketValue, contractValue } }, params);

describe('rounding up', () => {
  it.each([
    [0, 0],
    [1, 10_000],
    [10_000, 10_000],
    [10_001, 20_000],
  ])('%i becomes %i', (value, rounded) => expect(of(value).rounded).toBe(rounded));

  it('is to the unit of the file, whole', () => expect(Number(roundUpTo(decimal('7.2'), decimal(5)))).toBe(10));
});

describe('holiday add-on', () => {
  it('is off by default, and uses the factor as it is printed', () => {
    expect(of(25_180_000).holidayAddOn).toBe(0);
    expect(of(25_180_000, { applyHolidayAddOn: true })).toMatchObject({
      ...{ holidayAddOn: 18_433_039, aggregateBeforeRounding: 43_613_039, rounded: 43_620_000 },
    });
  });

  it('is on the rounded portfolio and flat rate margins, and on nothing else', () => {
    const { holidayAddOn } = smallMargin(
      { flat, structured: { B: '100000' }, parameters: { holidayFactor: '0.5' } },
      { A: { marketValue: '2.5' }, B: { quantity: 1 } },
      { applyHolidayAddOn: true },
    );
    expect(holidayAddOn).toBe(2); // 3 x 0.5 = 1.5
  });
});

describe('MTM', () => {
  it('rounds each line off, ties away from zero, then adds', () => {
    const held = { A: { marketValue: '0.5' }, B: { marketValue: '0.5' }, C: { marketValue: 0, contractValue: '37.5' } };
    expect(smallMargin({}, held)).toMatchObject({ mtmRequirement: 36, favourableMtm: 0 });
  });

  it('as reported takes precedence', () => {
    expect(of(100, { mtmGiven: '-7.25' }, 50)).toMatchObject({ mtmRequirement: '7.25', favourableMtm: 0 });
    expect(of(100, { mtmGiven: 0 }, 50)).toMatchObject({ mtmRequirement: 0, favourableMtm: 0 });
  });
});

describe('net margin', () => {
  it('is reduced by favourable MTM, then by the credit, never below zero', () => {
    const result = of(10_000, { marginCredit: 4_000 }, 7_000);
    expect(result).toMatchObject({ favourableMtm: 3_000, netMargin: 7_000, netMarginAfterCredit: 3_000, total: 3_000 });
    expect(of(10_000, { marginCredit: 8_000 }, 7_000)).toMatchObject({ netMarginAfterCredit: 0, total: 0 });
    expect(of(10_000, {}, -50_000)).toMatchObject({ favourableMtm: 60_000, netMargin: 0, total: 0 });
  });

  it('MTM requirement and the other add-ons are added, not reduced by the credit', () => {
    const params = { marginCredit: 1_000_000, creditRiskAddOn: 5, adHocAddOn: '6.5' };
    expect(of(10_000, params, 13_000)).toMatchObject({
      netMarginAfterCredit: 0,
      mtmRequirement: 3_000,
      total: '3011.5',
    });
  });

  it('five million are credited, and an empty portfolio still pays what is given', () => {
    const empty = margin(smallImrpf({}), [], {
      minimumMarginRate: 0.032,
      creditRiskAddOn: 7,
      positionLimitAddOnGiven: 3,
    });
    expect(empty).toMatchObject({ marginCredit: 5_000_000, aggregateBeforeRounding: 0, rounded: 0, total: 10 });
    expect(empty.portfolioMargin).toEqual({
      ...{ amount: 0, hvar: {}, svar: {}, weighted: {}, weightedTotal: 0, floorBase: 0, floor: 0 },
    });
  });
});

describe('position limit add-on', () => {
  const limit = (over = {}) => ({
    positionLimit: { liquidCapital: 1_000, multiplier: 2, cap: null, addOnPercent: '0.25', ...over },
  });

  it('is zero within the capacity, and without a limit', () => {
    expect(of(2_000, limit()).positionLimitAddOn).toBe(0);
    expect(of(8_000).positionLimitAddOn).toBe(0);
    expect(of(8_000, { positionLimit: null }).positionLimitAddOn).toBe(0);
  });

  it('is the share beyond it of the base, rounded up, and a quarter of that while margin is left after credit', () => {
    expect(of(8_000, limit()).positionLimitAddOn).toBe(1_875); // 6,000 / 8,000 x 10,000 x 0.25
    expect(of(8_000, { ...limit(), marginCredit: 10_000 }).positionLimitAddOn).toBe(9_375); // x 1.25
  });

  it('capacity is the smaller of capital x multiplier and the cap', () => {
    expect(of(8_000, limit({ cap: 4_000 })).positionLimitAddOn).toBe(1_875);
    expect(of(8_000, limit({ cap: 0 })).positionLimitAddOn).toBe(2_500);
  });

  it('net market value is unrounded and without sign, of all lines; none of it costs nothing', () => {
    const small = { flat, entitlements: { '700/3': ['1', '1'] as const } };
    const none = smallMargin(
      small,
      { A: { marketValue: 100 }, DIV700: { marketValue: -100 } },
      limit({ liquidCapital: 0 }),
    );
    expect(none.positionLimitAddOn).toBe(0);
    const held = { A: { marketValue: '-0.4' }, B: { marketValue: '-0.6' }, DIV700: { marketValue: -3 } };
    // 4 beyond 2: half of a base of 10,000 (0 + 3), a quarter of that.
    expect(smallMargin(small, held, limit({ liquidCapital: 1 })).positionLimitAddOn).toBe(1_250);
  });

  it('its base leaves the holiday add-on out', () => {
    const params = { ...limit({ liquidCapital: 0 }), applyHolidayAddOn: true };
    expect(of(9_000, params)).toMatchObject({ rounded: 20_000, positionLimitAddOn: 2_500 });
  });

  it('is rounded once, on the exact fraction', () => {
    expect(quotient(decimal(10_000), decimal(3), 0).toFixed()).toBe('3333');
    // A half less 10^-30: any number of decimals between would make it a half.
    expect(quotient(decimal('0.499999999999999999999999999999'), decimal(1), 0).toFixed()).toBe('0');
    expect(quotient(decimal(-1), decimal(2), 0).toFixed()).toBe('-1');
  });

  it('as reported takes precedence over the formula', () => {
    expect(of(8_000, { ...limit(), positionLimitAddOnGiven: 7 }).positionLimitAddOn).toBe(7);
  });
});

describe('figures', () => {
  it.each([
    ['3', 3],
    ['3.0', 3],
    ['-0.00', 0],
    ['-1.23456789015', '-1.2345678902'],
    ['0.5000', '0.5'],
    ['0.99999999999', 1],
    ['-0.00000000001', 0],
  ])('%s is written %j', (value, written) => expect(figure('a figure', decimal(value))).toBe(written));

  it('that no JSON integer can hold are refused', () => {
    expect(() => figure('total', decimal('9007199254740992'))).toThrow(/^total: got 9007199254740992/);
  });
});

describe('Guarantee Fund risk collateral', () => {
  it('is shared in proportion to the losses and output to ten decimals, nothing rounded before', () => {
    const group = ['A', 'B', 'C'].map((participant) => ({ participant, expectedLoss: 1 }));
    expect(guaranteeFundCollateral(group, 2).map(({ collateral }) => collateral)).toEqual(
      Array(3).fill('0.3333333333'),
    );
    expect(guaranteeFundCollateral([{ participant: 'A', expectedLoss: 0 }])).toEqual([
      { participant: 'A', collateral: 0 },
    ]);
  });
});
