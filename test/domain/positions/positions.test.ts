import { describe, expect, it } from 'vitest';
import {
  amountOfCents,
  type CorporateAction,
  type PositionInput,
  type PositionLine,
  type Security,
} from '../../../src/domain/positions/position-lines.ts';
import { marginablePositions } from '../../../src/domain/positions/positions.ts';
import { input, line } from '../../support/position-lines.ts';

/** Numbers of the Initial Margin Calculation Guide v1.4, section 4. */

const TWO_COUNTERS = (code: string, renminbi: string): Security => ({
  settlementCounter: code,
  riskCurrency: 'HKD',
  counters: [
    { code, currency: 'HKD' },
    { code: renminbi, currency: 'CNY' },
  ],
});

const inRiskCurrency = (given: PositionInput) =>
  marginablePositions(given).instruments.map(({ instrument, quantity, contractValue }) => [
    instrument,
    quantity,
    contractValue,
  ]);

describe('counters', () => {
  const securities = [TWO_COUNTERS('388', '80388'), TWO_COUNTERS('700', '80700')];
  const prices = { '388': 240, '700': 300, '80388': 999, '80700': 999 };

  it('merge into the risk currency: payable amounts at rate x 1.03, receivable ones at rate x 0.97', () => {
    const lines = [
      line('388', '2019-11-06', -1000, 'HKD', -300000),
      line('80388', '2019-11-06', 2500, 'CNY', 675000),
      line('700', '2019-11-06', 500, 'HKD', 150000),
      line('80700', '2019-11-06', -1000, 'CNY', -270000),
    ];
    expect(inRiskCurrency(input(lines, { securities, prices }))).toEqual([
      ['388', 1500, 464775],
      ['700', -500, -138090],
    ]);
  });

  it('convert to 2 decimals', () => {
    // 33.33 x 1.1 x 1.03 = 37.76289
    const lines = [line('80388', '2019-11-06', 1, 'CNY', 33.33)];
    expect(inRiskCurrency(input(lines, { securities, prices }))).toEqual([['388', 1, '37.76']]);
  });

  it('take the price of the counter in the risk currency', () => {
    const { instruments } = marginablePositions(
      input([line('80388', '2019-11-06', 2500, 'CNY', 675000)], { securities, prices }),
    );
    expect(instruments).toMatchObject([{ instrument: '388', currency: 'HKD', marketValue: 600000 }]);
  });

  it('merge HKD into a risk currency that is not HKD, and nothing else does', () => {
    const inRenminbi = [{ ...TWO_COUNTERS('388', '80388'), riskCurrency: 'CNY' as const }];
    const given = (more: PositionLine) =>
      input([line('80388', '2019-11-06', 100, 'CNY', 1000), more], { securities: inRenminbi, prices });
    // 1,100 / 1.1 x 1.03
    expect(inRiskCurrency(given(line('388', '2019-11-06', 100, 'HKD', 1100)))).toEqual([['388', 200, 2030]]);
    expect(marginablePositions(given(line('388', '2019-11-06', 100, 'HKD', 1100))).instruments).toMatchObject([
      { currency: 'CNY', marketValue: 200 * 999 },
    ]);
    expect(() => marginablePositions(given(line('388', '2019-11-06', 100, 'USD', 1100)))).toThrow(
      /got USD for a .* CNY, expected CNY or HKD/,
    );
  });

  it('of one security are needed if its lines have several currencies', () => {
    const lines = [line('388', '2019-11-06', -1000, 'HKD', -300000), line('388', '2019-11-06', 2500, 'CNY', 675000)];
    expect(() => marginablePositions(input(lines, { prices }))).toThrow(/^securities, 388: got nothing/);
  });
});

const ACTION: CorporateAction = {
  businessDate: '2019-11-05',
  exDate: '2019-11-05',
  market: 'HKMK',
  instrument: '5',
  convertedInstrument: '5',
  quantityRatio: 2,
  cashDividend: { instrument: 'DIV5', perShare: '-0.78' },
  stockDividend: { instrument: 'DSP5', perShare: '0.13' },
  rights: { instrument: 'SRI5', perShare: '1.5' },
};
const NOTHING = {
  convertedInstrument: null,
  quantityRatio: null,
  cashDividend: null,
  stockDividend: null,
  rights: null,
};
const PRICES = { '5': 70, '8359': 1, '150': 1, DSP5: 1, SRI5: 1 };

describe('corporate actions', () => {
  const bought = line('5', '2019-11-06', 400, 'HKD', 24000);
  const adjusted = (
    lines: readonly PositionLine[],
    corporateActions: readonly CorporateAction[],
    businessDate = '2019-11-05',
  ) => inRiskCurrency(input(lines, { businessDate, corporateActions, prices: PRICES }));

  it('adjust 400 shares of 5 traded before the ex-date: all entitlements from the quantity held before', () => {
    expect(adjusted([bought], [ACTION])).toEqual([
      ['5', 800, 24000],
      ['DIV5', 0, -312],
      ['DSP5', 52, 0],
      ['SRI5', 600, 0],
    ]);
  });

  it('do not change lines traded on the ex-date', () => {
    const onExDate = { ...line('5', '2019-11-07', -600, 'HKD', -20000), tradeDate: '2019-11-05' };
    expect(adjusted([onExDate], [ACTION])).toEqual([['5', -600, -20000]]);
    expect(adjusted([bought, onExDate], [ACTION])[0]).toEqual(['5', 200, 4000]);
  });

  it('change a code: 8359 becomes 150', () => {
    const row: CorporateAction = {
      ...ACTION,
      ...NOTHING,
      instrument: '8359',
      convertedInstrument: '150',
      quantityRatio: 1,
    };
    expect(adjusted([line('8359', '2019-11-06', 5000, 'HKD', 6650)], [row])).toEqual([['150', 5000, 6650]]);
  });

  it('round quantities toward zero, for long and short, and the dividend to 2 decimals', () => {
    const row: CorporateAction = {
      ...ACTION,
      quantityRatio: '0.3',
      cashDividend: { instrument: 'DIV5', perShare: '-0.1234567891' },
    };
    expect(adjusted([line('5', '2019-11-06', 99, 'HKD', 1)], [row])).toEqual([
      ['5', 29, 1],
      ['DIV5', 0, '-12.22'],
      ['DSP5', 12, 0],
      ['SRI5', 148, 0],
    ]);
    expect(adjusted([line('5', '2019-11-06', -99, 'HKD', -1)], [row])).toEqual([
      ['5', -29, -1],
      ['DIV5', 0, '12.22'],
      ['DSP5', -12, 0],
      ['SRI5', -148, 0],
    ]);
  });

  it('of several ex-dates apply in order, whatever the order of the rows; future ones do not count', () => {
    const rights = { instrument: 'SRI5', perShare: 1 };
    const rows: CorporateAction[] = [
      { ...ACTION, ...NOTHING, exDate: '2019-11-07', quantityRatio: 10 },
      { ...ACTION, ...NOTHING, exDate: '2019-11-06', rights },
      { ...ACTION, ...NOTHING, exDate: '2019-11-05', quantityRatio: 2 },
    ];
    expect(adjusted([bought], rows, '2019-11-06')).toEqual([
      ['5', 800, 24000],
      ['SRI5', 800, 0],
    ]);
  });

  it('of one ex-date use the code held before it', () => {
    const rows: CorporateAction[] = [
      { ...ACTION, ...NOTHING, instrument: '8359', convertedInstrument: '150' },
      { ...ACTION, ...NOTHING, instrument: '150', quantityRatio: 3 },
    ];
    expect(adjusted([line('8359', '2019-11-06', 5000, 'HKD', 6650)], rows)).toEqual([['150', 5000, 6650]]);
  });

  it('of one stock and ex-date may be several rows, if at most one of them converts it', () => {
    const same = { ...ACTION, ...NOTHING, convertedInstrument: '00005', quantityRatio: 1 };
    const dividend = { ...same, cashDividend: { instrument: 'DIV5', perShare: -1 } };
    const rows = [{ ...same, rights: { instrument: 'SRI5', perShare: 1 } }, ACTION, dividend];
    expect(adjusted([bought], rows)).toEqual([
      ['5', 800, 24000],
      ['DIV5', 0, -712],
      ['DSP5', 52, 0],
      ['SRI5', 1000, 0],
    ]);
  });

  it('cannot convert one stock twice on a day', () => {
    expect(() => adjusted([bought], [ACTION, ACTION])).toThrow(/^corporateActions\[1\]: got a second conversion of 5/);
  });
});

describe('netting across days', () => {
  it('nets three lines to 800 / 47,600, market value 56,000 at 70', () => {
    const lines = [
      line('5', '2019-11-06', 400, 'HKD', 24000),
      line('5', '2019-11-07', -800, 'HKD', -49600),
      { ...line('5', '2019-11-07', 1200, 'HKD', 73200), tradeDate: '2019-11-05' },
    ];
    const { positions, mtm } = marginablePositions(input(lines, { prices: { '00005': 70 } }));
    expect(positions).toEqual([{ instrument: '5', quantity: 800, contractValue: 47600, marketValue: 56000 }]);
    expect(mtm).toMatchObject({ requirement: 0, favourable: 8400 });
  });

  it('keeps a position that nets to zero, which needs no price', () => {
    const lines = [line('00005', '2019-11-06', 400, 'HKD', 24000), line('5', '2019-11-07', -400, 'HKD', -24000)];
    const nothing = { instrument: '5', quantity: 0, contractValue: 0, marketValue: 0 };
    expect(marginablePositions(input(lines)).positions).toEqual([nothing]);
    expect(() => marginablePositions(input(lines.slice(1)))).toThrow(/^prices\.5: got nothing/);
  });

  it('has RMAMP01 in HKD without haircut, each figure rounded separately', () => {
    const { positions } = marginablePositions(
      input([line('83188', '2019-11-06', 3, 'CNY', 10.5)], { prices: { '83188': 1.5 } }),
    );
    // 10.5 x 1.1 = 11.55; 4.5 x 1.1 = 4.95
    expect(positions).toEqual([{ instrument: '83188', quantity: 3, contractValue: 12, marketValue: 5 }]);
  });
});

it("the order is the guide's: collateral, counters, corporate actions, netting", () => {
  const { positions } = marginablePositions(
    input(
      [
        line('700', '2019-11-06', -1000, 'HKD', -300000),
        line('80700', '2019-11-06', 500, 'CNY', 135000),
        { ...line('700', '2019-11-07', 100, 'HKD', 30000), tradeDate: '2019-11-05' },
      ],
      {
        securities: [TWO_COUNTERS('700', '80700')],
        sharePledges: [{ settlementCounter: '700', settlementDate: '2019-11-06', quantity: 700 }],
        corporateActions: [
          { ...ACTION, ...NOTHING, instrument: '700', quantityRatio: 2, rights: { instrument: 'SRI700', perShare: 1 } },
        ],
        prices: { '700': 150, SRI700: 10 },
      },
    ),
  );
  // 300 short are left for 90,000; with 500 long for 135,000 x 1.1 x 1.03 that is 200 for 62,955; doubled, and 100 more.
  expect(positions).toEqual([
    { instrument: '700', quantity: 500, contractValue: 92955, marketValue: 75000 },
    { instrument: 'SRI700', quantity: 200, contractValue: 0, marketValue: 2000 },
  ]);
});

it('amounts of the books are in cents, and here in units', () => {
  expect([0, 5, -5, 123, -110000050, 9007199254740991].map(amountOfCents)).toEqual([
    '0.00',
    '0.05',
    '-0.05',
    '1.23',
    '-1100000.50',
    '90071992547409.91',
  ]);
});
