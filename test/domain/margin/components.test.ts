import { describe, expect, it } from 'vitest';
import { margin } from '../../../src/domain/margin/margin.ts';
import { lines, smallImrpf, smallMargin } from '../../support/margin-small.ts';

describe('flat rate margin', () => {
  const flat = { A: '0.12', B: '0.120', C: '0.3', D: '0.12' };

  it('equal rates are one group, however they are written; the larger side is charged, the other dropped', () => {
    const held = { A: { marketValue: 1_000 }, B: { marketValue: -1_500 }, C: { marketValue: 100 } };
    expect(smallMargin({ flat }, held).flatRateMargin).toBe(180 + 30);
  });

  it('equal sides charge the long one, at the rates of its instruments', () => {
    const groups = { flatRateGroups: { mixed: ['A', 'C'] } };
    expect(
      smallMargin({ flat }, { A: { marketValue: -1_000 }, C: { marketValue: 1_000 } }, groups).flatRateMargin,
    ).toBe(300);
    expect(
      smallMargin({ flat }, { A: { marketValue: 1_000 }, C: { marketValue: -1_000 } }, groups).flatRateMargin,
    ).toBe(120);
  });

  it('a listed group applies to its codes, the others are grouped by rate', () => {
    const held = { A: { marketValue: 1_000 }, B: { marketValue: -1_500 }, D: { marketValue: -400 } };
    expect(smallMargin({ flat }, held).flatRateMargin).toBe(228);
    expect(smallMargin({ flat }, held, { flatRateGroups: { own: ['b'] } }).flatRateMargin).toBe(180 + 120);
    // A group's name is not a rate.
    expect(smallMargin({ flat }, held, { flatRateGroups: { '0.12': ['B'] } }).flatRateMargin).toBe(180 + 120);
  });

  it('is rounded once, after the multiplier', () => {
    const held = { A: { marketValue: '2.5' }, C: { marketValue: '1' } };
    expect(smallMargin({ flat }, held, { flatRateMultiplier: '2.5' }).flatRateMargin).toBe(2);
    expect(smallMargin({ flat }, held).flatRateMargin).toBe(1);
  });

  it('every holding with a FieldType 3 record counts, whatever else it has', () => {
    const { flatRateMargin, portfolioMargin } = smallMargin(
      { flat, hvar: { A: ['-0.1'] }, parameters: { hvarWeight: '1' } },
      { A: { marketValue: 1_000 } },
    );
    expect([flatRateMargin, portfolioMargin.amount]).toEqual([120, 100]);
  });
});

describe('liquidation risk add-on', () => {
  const beta = { 700: ['0.1', '1', '1000', '10'], 2800: ['0.01', '1', '500', '20'] } as const;

  it('uses quantity x cash delta, not the reported market value; at the threshold it is zero', () => {
    const at = smallMargin({ beta }, { 700: { quantity: 100, marketValue: 5 } });
    expect(at.liquidationRiskAddOn).toEqual({ instrument: 0, portfolio: 5, amount: 5 });
    const above = smallMargin({ beta }, { 700: { quantity: -110, marketValue: 5 } });
    expect(above.liquidationRiskAddOn).toEqual({ instrument: 10, portfolio: 6, amount: 16 });
    expect(smallMargin({ beta }, { 700: { quantity: 50 } }).liquidationRiskAddOn.portfolio).toBe(0);
  });

  it('FieldType 5 wins over FieldType 4, and puts a product in the group of its underlying', () => {
    const small = {
      beta: { ...beta, 20001: ['1', '1', '0', '99'] as const },
      delta: { 20001: ['700', '-5'] as const },
    };
    const { liquidationRiskAddOn } = smallMargin(small, { 700: { quantity: 100 }, 20001: { quantity: 100 } });
    expect(liquidationRiskAddOn).toEqual({ instrument: 0, portfolio: 0, amount: 0 });
  });

  it('each level is rounded once: the sum over groups, and the whole', () => {
    const small = {
      beta: { A: ['0.1', '1', '0', '1'], B: ['0.1', '1', '0', '1'], 2800: ['0.1', '1', '0', '1'] } as const,
    };
    // 0.3 + 0.3 at the first level, 0.6 at the second.
    const { liquidationRiskAddOn } = smallMargin(small, { A: { quantity: 3 }, B: { quantity: 3 } });
    expect(liquidationRiskAddOn).toEqual({ instrument: 1, portfolio: 1, amount: 2 });
  });

  it('an underlying without FieldType 4 adds nothing at either level, with a warning', () => {
    const small = { beta, delta: { 20001: ['1299', '1000'] as const } };
    const { liquidationRiskAddOn, detail } = smallMargin(small, { 20001: { quantity: 100 } });
    expect(liquidationRiskAddOn.amount).toBe(0);
    expect(detail.warnings).toEqual([expect.stringMatching(/^1299: .*FieldType 4.*20001/)]);
    expect(detail.unmatched).toEqual([]);
  });

  it('a hedging instrument without FieldType 4 is an error if a group takes part', () => {
    const small = { beta: { 700: beta['700'] }, delta: { 20001: ['1299', '1000'] as const } };
    expect(() => smallMargin(small, { 700: { quantity: 1 } })).toThrow(
      'params.hedgingInstrument: got 2800, expected an instrument with a FieldType 4 record in the IMRPF',
    );
    expect(smallMargin(small, { 20001: { quantity: 1 } }).liquidationRiskAddOn.amount).toBe(0);
    expect(smallMargin(small, { 700: { quantity: 1 } }, { hedgingInstrument: '00700' }).total).toBe(0);
  });
});

describe('structured product add-on', () => {
  it('is charged on long positions, ten times column 2 in ticks, rounded once', () => {
    const structured = { 20001: '0.5', 20002: '0.25' };
    const held = { 20001: { quantity: 100 }, 20002: { quantity: -100 } };
    expect(smallMargin({ structured }, held).structuredProductAddOn).toBe(1); // 0.5
    expect(
      smallMargin({ structured }, { 20001: { quantity: 80 }, 20002: { quantity: 40 } }).structuredProductAddOn,
    ).toBe(1);
    expect(smallMargin({ structured }, held, { minimumTick: '0.01' }).structuredProductAddOn).toBe(5);
  });
});

describe('corporate-action margin', () => {
  const entitlements = { '700/1': ['-0.5', '0.25'], '700/2': ['-1', '0.5'], '700/3': ['0.1', '0'] } as const;

  it('is on market value less contract value: the long rate if positive, the short one if negative, without sign', () => {
    const of = (held: Parameters<typeof smallMargin>[1]) => smallMargin({ entitlements }, held).corporateActionMargin;
    expect(of({ DSP700: { marketValue: 100, contractValue: 40 } })).toBe(15);
    expect(of({ DSP700: { marketValue: 40, contractValue: 100 } })).toBe(30);
    expect(of({ DIV700: { contractValue: 100 } })).toBe(10);
    expect(of({ DIV700: { contractValue: -100 } })).toBe(0);
  });

  it('is rounded by line; quantity and price are not used', () => {
    const held = { DSP700: { marketValue: 2, quantity: 9 }, SRI700: { marketValue: 1 } };
    expect(smallMargin({ entitlements }, held).corporateActionMargin).toBe(2);
  });

  it('a line without a record is unmatched and costs nothing', () => {
    const { corporateActionMargin, detail, mtmRequirement } = smallMargin(
      { entitlements },
      { DSP5: { marketValue: -100 }, SRI700: { marketValue: 100 } },
    );
    expect([corporateActionMargin, detail.unmatched, mtmRequirement]).toEqual([50, ['DSP5'], 0]);
    expect(detail.warnings).toEqual([expect.stringContaining('FieldType 7 record of 5 with type 1')]);
  });
});

describe('codes', () => {
  const small = { hvar: { 700: ['-0.1'] }, entitlements: { '700/1': ['-0.5', '0.5'] } as const };
  const held = [
    ...lines({ ' 00700': { marketValue: 600, quantity: 1 }, '700 ': { marketValue: -100, quantity: 2 } }),
    ...lines({ dsp00700: { marketValue: 10 }, DSP700: { marketValue: 10 } }),
  ];

  it('are equal however they are padded or written, and net first', () => {
    const { portfolioMargin, corporateActionMargin, detail } = margin(smallImrpf(small), held, {
      minimumMarginRate: 1,
    });
    expect(portfolioMargin.floorBase).toBe(500);
    expect(corporateActionMargin).toBe(10);
    expect([detail.groups.NON_IPO, detail.unmatched]).toEqual([['700'], []]);
  });

  it('the prefix is checked before the file: a record under the name of an entitlement changes nothing', () => {
    const odd = { ...small, hvar: { 700: ['0'], DSP700: ['-0.5'] }, flat: { DSP700: '1' } };
    const { detail, flatRateMargin, corporateActionMargin } = smallMargin(odd, { DSP700: { marketValue: 100 } });
    expect([detail.groups, flatRateMargin, corporateActionMargin]).toEqual([{}, 0, 50]);
  });

  it('an instrument without a record costs no margin, counts in MTM and net market value, and is listed', () => {
    const { total, detail, favourableMtm, positionLimitAddOn, portfolioMargin } = smallMargin(
      { hvar: { 700: ['0'] } },
      { 9999: { marketValue: 300, contractValue: 100 }, 700: { marketValue: 100, contractValue: 100 } },
      { minimumMarginRate: 1, positionLimit: { liquidCapital: 200, multiplier: 1, cap: null, addOnPercent: 1 } },
    );
    expect([portfolioMargin.amount, favourableMtm]).toEqual([100, 200]);
    // 200 of 400 are beyond capacity; the base is 10,000.
    expect([positionLimitAddOn, total]).toEqual([5_000, 9_800 + 5_000]);
    expect(detail.unmatched).toEqual(['9999']);
    expect(detail.warnings).toEqual([expect.stringMatching(/^9999: .*no record/)]);
  });

  it('a FieldType 7 record does not count as a record of the stock', () => {
    expect(smallMargin(small, { DSP700: { marketValue: 1 } }).detail.unmatched).toEqual([]);
    expect(smallMargin({ entitlements: small.entitlements }, { 700: { marketValue: 1 } }).detail.unmatched).toEqual([
      '700',
    ]);
  });

  it('warnings of the file come first', () => {
    const imrpf = { ...smallImrpf(small), warnings: ['line 7: FieldType 8'] };
    const { warnings } = margin(imrpf, lines({ 1: { marketValue: 1 } }), { minimumMarginRate: 0 }).detail;
    expect(warnings).toEqual(['line 7: FieldType 8', expect.stringMatching(/^1: /)]);
  });
});
