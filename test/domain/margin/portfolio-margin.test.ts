import { describe, expect, it } from 'vitest';
import { margin } from '../../../src/domain/margin/margin.ts';
import { MarginInputError } from '../../../src/domain/margin/margin-input-error.ts';
import { tailOf, tailSize } from '../../../src/domain/margin/tails.ts';
import { lines, smallImrpf, smallMargin } from '../../support/margin-small.ts';

/** `count` returns of which those at the given scenario numbers differ from 0. */
const returns = (count: number, others: Readonly<Record<number, string>>) =>
  Array.from({ length: count }, (_, index) => others[index + 1] ?? '0');

describe('portfolio margin', () => {
  it.each([
    ['0.994', 1_000, 6],
    ['0.98', 1_018, 21],
    ['0.98', 1_000, 20],
    ['0.9', 10, 1],
    ['0', 10, 10],
  ])('a confidence of %s over %i scenarios has a tail of %i', (confidence, count, size) => {
    expect(tailSize('HVaR_CL', confidence, count)).toBe(size);
  });

  it.each(['1', '1.1', '-0.1'])('a confidence of %s has no tail, which is an error', (confidence) => {
    expect(() => tailSize('HVaR_CL', confidence, 1_000)).toThrow(`IMRPF HVaR_CL: got ${confidence}, `);
  });

  it('the tail is the lowest P&Ls by value, even if they are gains, worst first, then by number', () => {
    expect(tailOf(Float64Array.of(5, -3, 2, -3, -7), 3)).toMatchObject({ scenarios: [5, 2, 4] });
    const gains = tailOf(Float64Array.of(9, 4, 8), 2);
    expect([gains.scenarios, gains.sum.toFixed()]).toEqual([[2, 3], '12']);
  });

  it('each term is rounded before the terms of a group are added', () => {
    const { detail } = smallMargin(
      { hvar: { A: ['-0.005'], B: ['-0.005'], C: ['-0.004'] }, svar: {} },
      { A: { marketValue: 100 }, B: { marketValue: 100 }, C: { marketValue: 100 } },
    );
    expect(detail.hvarTails.NON_IPO?.tailSum).toBe(-2);
  });

  it('means, weighted values and their sum are not rounded, the margin is, away from zero at a half', () => {
    const hvar = { A: returns(3, { 1: '-0.01', 2: '-0.01', 3: '-0.02' }) };
    const parameters = { hvarConfidence: '0', hvarWeight: '0.75' };
    const { portfolioMargin, detail } = smallMargin({ hvar, parameters }, { A: { marketValue: 100 } });
    expect(detail.hvarTails.NON_IPO).toEqual({
      ...{ tailCount: 3, tailSum: -4, mean: '-1.3333333333', tailScenarios: [3, 1, 2] },
    });
    expect(portfolioMargin).toMatchObject({ hvar: { NON_IPO: '-1.3333333333' }, weighted: { NON_IPO: -1 } });
    expect(portfolioMargin).toMatchObject({ weightedTotal: -1, amount: 1 });
    const half = smallMargin({ hvar, parameters: { ...parameters, hvarWeight: '1.125' } }, { A: { marketValue: 100 } });
    expect(half.portfolioMargin).toMatchObject({ weightedTotal: '-1.5', amount: 2 });
  });

  it('has one absolute value, on the total: a group that gains in its tail lowers it, and gains alone cost as losses do', () => {
    const small = {
      hvar: { 1: returns(10, { 4: '-0.1' }), 2: Array(10).fill('0.04') },
      parameters: { hvarWeight: '1' },
    };
    const ipo = { ipoInstruments: ['2'] };
    const both = smallMargin(small, { 1: { marketValue: 1_000 }, 2: { marketValue: 1_000 } }, ipo);
    expect(both.portfolioMargin).toMatchObject({ weighted: { NON_IPO: -100, 2: 40 }, weightedTotal: -60, amount: 60 });
    expect(smallMargin(small, { 2: { marketValue: 1_000 } }, ipo).portfolioMargin.amount).toBe(40);
  });

  it('the floor is of the larger gross side of all groups together, rounded once', () => {
    const small = { hvar: { 1: ['0'], 2: ['0'], 3: ['0'], 4: ['0'] } };
    const { portfolioMargin } = smallMargin(
      small,
      { 1: { marketValue: 30 }, 2: { marketValue: '31.5' }, 3: { marketValue: -20 }, 4: { marketValue: -41 } },
      { minimumMarginRate: '0.5', ipoInstruments: ['2'] },
    );
    expect(portfolioMargin).toMatchObject({ floorBase: '61.5', floor: 31, amount: 31 });
    const short = smallMargin(small, { 1: { marketValue: 40 }, 4: { marketValue: -41 } }, { minimumMarginRate: 0.5 });
    expect(short.portfolioMargin).toMatchObject({ floorBase: 41, floor: 21 });
  });

  it("an IPO's products are in its group, even if it is not held; products of other stocks make no group", () => {
    const small = {
      hvar: { 700: ['0'], 1876: ['0'], 20001: ['0'], 20002: ['0'], 20003: ['0'] },
      delta: { 20001: ['1876', '1'], 20002: ['3690', '1'], 20003: ['700', '1'] } as const,
      beta: { 2800: ['0', '0', '0', '0'] } as const,
    };
    const held = {
      700: { marketValue: 1 },
      20001: { marketValue: 1 },
      20002: { marketValue: 1 },
      20003: { marketValue: 1 },
    };
    const ipo = { ipoInstruments: ['01876', '3690', '9999'] };
    expect(smallMargin(small, held, ipo).detail.groups).toEqual({
      ...{ 1876: ['20001'], 3690: ['20002'], NON_IPO: ['700', '20003'] },
    });
    expect(smallMargin(small, { ...held, 1876: { marketValue: 1 } }, ipo).detail.groups['1876']).toEqual([
      '1876',
      '20001',
    ]);
  });

  it('an instrument with one of the two records takes part in that component and in the floor; weights stay', () => {
    const small = { hvar: { A: ['-0.1'] }, svar: { B: ['-0.2'] } };
    const { portfolioMargin, detail } = smallMargin(small, { A: { marketValue: 1_000 }, B: { marketValue: 1_000 } });
    expect(portfolioMargin).toMatchObject({ hvar: { NON_IPO: -100 }, svar: { NON_IPO: -200 }, weightedTotal: -125 });
    expect(portfolioMargin.floorBase).toBe(2_000);
    expect(detail.unmatched).toEqual([]);
    const alone = smallMargin(small, { B: { marketValue: 1_000 } });
    expect(alone.portfolioMargin).toMatchObject({ hvar: {}, svar: { NON_IPO: -200 }, weighted: { NON_IPO: -50 } });
  });

  it('a record of too few scenarios is an error as soon as its instrument is held', () => {
    const imrpf = smallImrpf({ hvar: { A: ['0', '0'] } });
    const cut = { ...imrpf, hvar: { ...imrpf.hvar, short: new Map([['B', 1]]) } };
    const params = { minimumMarginRate: 0 };
    expect(margin(cut, lines({ A: { marketValue: 1 } }), params).total).toBe(0);
    expect(() => margin(cut, lines({ B: { marketValue: 1 } }), params)).toThrow(
      'IMRPF B, FieldType 1: got 1 scenarios, expected 2, since it is held',
    );
  });

  it('P&Ls beyond the limit of exact addition are refused, not added wrongly', () => {
    const held = { A: { marketValue: '9000000000000000000' } };
    expect(() => smallMargin({ hvar: { A: ['0.5'] } }, held)).toThrow(MarginInputError);
    expect(() => smallMargin({ hvar: { A: ['0.5'] } }, held)).toThrow(/up to 4500000000000000000/);
  });
});
