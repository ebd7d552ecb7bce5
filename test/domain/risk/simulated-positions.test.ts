import { describe, expect, it } from 'vitest';
import type { MarginablePosition } from '../../../src/domain/margin/calculation.ts';
import type { Currency } from '../../../src/domain/nouns/market.ts';
import { atMarks, marksOf, type SimulatedPositions, withTrades } from '../../../src/domain/risk/simulated-positions.ts';
import { lines } from '../../support/margin-small.ts';

const rates = { CNY: { rate: '1.1', haircut: '0.03' } };
const mtm = (...byCurrency: SimulatedPositions['mtm']['byCurrency']) => ({
  requirement: 0,
  favourable: byCurrency.reduce((sum, { hkd }) => sum + hkd, 0),
  byCurrency,
});
const existing: SimulatedPositions = {
  positions: lines({
    5: { quantity: 300, contractValue: 14_000, marketValue: 15_000 },
    700: { quantity: -10, contractValue: -5_000, marketValue: -6_000 },
  }),
  mtm: mtm({ currency: 'CNY', mtm: 100, hkd: 107 }, { currency: 'HKD', mtm: 900, hkd: 900 }),
};
const inCurrency =
  (currency: Currency = 'HKD') =>
  () =>
    currency;
const priced = (positions: readonly MarginablePosition[]) => {
  const marks = marksOf(positions);
  return (code: string) => marks.get(code);
};

describe('positions at other prices', () => {
  it('are unchanged at the same prices', () => {
    expect(atMarks(existing, priced(existing.positions), inCurrency(), rates)).toEqual(existing);
  });

  it('change market value, and the MTM of their currency by the same amount', () => {
    const prices = lines({ '00005': { quantity: 7, marketValue: 301 } });
    const { positions, mtm: after } = atMarks(existing, priced(prices), inCurrency(), rates);
    // 43 a share; no price of 700, which stays.
    expect(positions.map(({ marketValue }) => marketValue)).toEqual([12_900, -6_000]);
    expect(after).toEqual({
      requirement: 2_100 - 900 - 107,
      favourable: 0,
      byCurrency: [
        { currency: 'CNY', mtm: 100, hkd: 107 },
        { currency: 'HKD', mtm: -1_200, hkd: -1_200 },
      ],
    });
  });

  it('change in the risk currency, where a loss of it is charged with the haircut', () => {
    const prices = lines({ 5: { quantity: 1, marketValue: 39 } });
    const { mtm: after } = atMarks(existing, priced(prices), inCurrency('CNY'), rates);
    // -3,300 HKD are -3,000 CNY: 100 - 3,000 = -2,900 at 1.1 x 1.03 = -3,285.7
    expect(after.byCurrency[0]).toEqual({ currency: 'CNY', mtm: -2_900, hkd: -3_286 });
  });
});

describe('added hypothetical trades', () => {
  it('net with the line of their instrument, in order of codes, and their MTM per currency', () => {
    const added = {
      positions: lines({ 5: { quantity: -300, contractValue: -15_300, marketValue: -15_000 }, 6: { quantity: 1 } }),
      mtm: mtm({ currency: 'CNY', mtm: -100, hkd: -113 }, { currency: 'HKD', mtm: 300, hkd: 300 }),
    };
    expect(withTrades(existing, added, rates)).toEqual({
      positions: [
        { instrument: '5', quantity: 0, contractValue: -1_300, marketValue: 0 },
        { instrument: '6', quantity: 1, contractValue: 0, marketValue: 0 },
        { instrument: '700', quantity: -10, contractValue: -5_000, marketValue: -6_000 },
      ],
      mtm: {
        requirement: 0,
        favourable: 1_200,
        byCurrency: [
          { currency: 'CNY', mtm: 0, hkd: 0 },
          { currency: 'HKD', mtm: 1_200, hkd: 1_200 },
        ],
      },
    });
  });

  it('change nothing if there are none', () => {
    const { positions, mtm: after } = withTrades(existing, { positions: [], mtm: mtm() }, rates);
    expect([positions, after]).toEqual([existing.positions, existing.mtm]);
  });
});
