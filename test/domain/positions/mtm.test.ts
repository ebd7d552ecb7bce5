import { describe, expect, it } from 'vitest';
import type { Currency } from '../../../src/domain/nouns/market.ts';
import type { PositionInput, PositionLine, Snapshot } from '../../../src/domain/positions/position-lines.ts';
import { marginablePositions } from '../../../src/domain/positions/positions.ts';

/**
 * Numbers of the Initial Margin Calculation Guide v1.4, section 4.7 and the appendix of the 11:00 and 14:00 runs. Two signs are in
 * use there: the appendix counts a loss as positive, section 3.2.6.1 (and we) count market value - contract value, so that a
 * loss is negative. `loss` below makes a position of an appendix figure.
 *
 * Our sources have each position's MTM and the money due, not its quantity and price. So every position here is one at a price
 * of 1 that shows the MTM, and amounts that the sources do not have are free.
 */
const TODAY = '2019-11-05';
const LATER = '2019-11-06';
const RATES: NonNullable<PositionInput['rates']> = {
  CNY: { rate: '1.15', haircut: '0.03' },
  USD: { rate: '7.8', haircut: '0.01' },
};

/** A long position at a contract value, with a loss by the appendix' sign. */
const long = (counter: string, currency: Currency, contractValue: number, loss: number, settlementDate = LATER) => ({
  counter,
  currency,
  tradeDate: '2019-11-04',
  settlementDate,
  quantity: contractValue - loss,
  amount: contractValue,
});
const short = (...[counter, currency, receivable, loss, settlementDate]: Parameters<typeof long>) => {
  const mirror = long(counter, currency, receivable, -loss, settlementDate);
  return { ...mirror, quantity: -mirror.quantity, amount: -mirror.amount };
};
const unpostedDebit = (counter: string, currency: Currency, amount: number): PositionLine => ({
  ...long(counter, currency, amount, amount, TODAY),
  kind: 'unposted-debit',
});

function run(snapshot: Snapshot, lines: readonly PositionLine[], more: Partial<PositionInput> = {}) {
  const prices = Object.fromEntries(lines.map(({ counter }) => [counter, 1]));
  return marginablePositions({ businessDate: TODAY, snapshot, lines, prices, rates: RATES, ...more });
}

describe('MTM of section 4.7', () => {
  const lines = [
    long('700', 'HKD', 20000, 2000),
    long('80700', 'CNY', 15000, 2500),
    short('83188', 'CNY', 9000, -1200),
    long('9834', 'USD', 900, -50),
  ];

  it('CP A: 2,000 + 1,300 x 1.15 x 1.03 - 50 x 7.8 x 0.99 = 3,154 to pay', () => {
    expect(run('EOD', lines).mtm).toEqual({
      requirement: 3154,
      favourable: 0,
      byCurrency: [
        { currency: 'CNY', mtm: -1300, hkd: -1540 },
        { currency: 'HKD', mtm: -2000, hkd: -2000 },
        { currency: 'USD', mtm: 50, hkd: 386 },
      ],
    });
  });

  it('CP B, its mirror: haircuts turn against it too, 3,056 favourable', () => {
    const mirror = lines.map((line) => ({ ...line, quantity: -line.quantity, amount: -line.amount }));
    expect(run('EOD', mirror).mtm).toMatchObject({ requirement: 0, favourable: 3056 });
  });
});

describe('the 11:00 run', () => {
  it('CP A: 11,755 of 47,020 offsets a quarter of long lines due today and of the unposted debit, 4,168 to pay', () => {
    const lines = [
      long('5', 'HKD', 20000, -18000, TODAY),
      unpostedDebit('700', 'HKD', 20000),
      long('9834', 'USD', 900, -50, TODAY),
      // Lines that are not due today, and short lines, are unchanged.
      short('80700', 'CNY', 15000, 2500),
    ];
    const { mtm, instruments, offsetRatio } = run('11:00', lines, {
      unpostedCredits: [{ currency: 'HKD', amount: 5755 }],
      prepayments: [{ currency: 'HKD', amount: 6000 }],
    });
    expect(offsetRatio).toBe('0.25');
    expect(instruments.map((position) => [position.instrument, position.mtm])).toEqual([
      ['5', 13500],
      ['700', -15000],
      // 37.5, rounded before it converts: unrounded the total would be 4,172.
      ['9834', 38],
      ['80700', -2500],
    ]);
    expect(mtm).toMatchObject({ requirement: 4168, favourable: 0 });
  });

  it('CP B: 20,000 of unposted credit covers a payable of 15,000 x 1.15 in full and no more, 606 favourable', () => {
    const lines = [
      long('80700', 'CNY', 15000, 2500, TODAY),
      short('5', 'HKD', 20000, -1000),
      short('9834', 'USD', 900, 50, TODAY),
    ];
    const { mtm, offsetRatio } = run('11:00', lines, { unpostedCredits: [{ currency: 'HKD', amount: 20000 }] });
    expect(offsetRatio).toBe(1);
    expect(mtm).toMatchObject({ requirement: 0, favourable: 606 });
    expect(mtm.byCurrency[0]).toEqual({ currency: 'CNY', mtm: 0, hkd: 0 });
  });

  it('offsets nothing if nothing is payable, and counts overdue lines in full', () => {
    const credit = { unpostedCredits: [{ currency: 'HKD' as const, amount: 20000 }] };
    const overdue = long('5', 'HKD', 20000, 1000, '2019-11-04');
    expect(run('11:00', [short('700', 'HKD', 100, 7, TODAY), overdue], credit)).toMatchObject({
      offsetRatio: 0,
      mtm: { requirement: 1007 },
    });
  });

  it('scales allocated shares with the unposted debit that they are paid by', () => {
    const shares: PositionLine = { ...long('700', 'HKD', 0, -18000, TODAY), kind: 'allocated-shares' };
    const given = [shares, unpostedDebit('700', 'HKD', 20000)];
    const { positions } = run('11:00', given, { prepayments: [{ currency: 'HKD', amount: 5000 }] });
    expect(positions).toEqual([{ instrument: '700', quantity: 13500, contractValue: 15000, marketValue: 13500 }]);
  });

  it('handles a fraction that has no last decimal: three thirds of a share are one', () => {
    const prepayments = [{ currency: 'HKD' as const, amount: 2 }];
    expect(run('11:00', [long('5', 'HKD', 6, 2, TODAY)], { prepayments }).positions[0]?.quantity).toBe('2.6666666667');

    const row = { businessDate: TODAY, exDate: TODAY, market: 'HKMK', instrument: '5', convertedInstrument: null };
    const none = { cashDividend: null, stockDividend: null, rights: null };
    const oneShareOf3 = long('5', 'HKD', 3, 2, TODAY);
    expect(
      run('11:00', [oneShareOf3], { prepayments, corporateActions: [{ ...row, ...none, quantityRatio: 3 }] }).positions,
    ).toEqual([{ instrument: '5', quantity: 1, contractValue: 1, marketValue: 1 }]);
  });

  it('does not count the payment of an abnormal short as payable', () => {
    const abnormal = { ...short('700', 'HKD', 100, 0, TODAY), amount: 100 };
    const { offsetRatio, positions } = run('11:00', [long('5', 'HKD', 100, 0, TODAY), abnormal], {
      prepayments: [{ currency: 'HKD', amount: 50 }],
    });
    expect(offsetRatio).toBe('0.5');
    expect(positions.map(({ instrument, contractValue }) => [instrument, contractValue])).toEqual([
      ['5', 50],
      ['700', 100],
    ]);
  });
});

describe('the 14:00 run', () => {
  const due = [
    long('5', 'HKD', 20000, -18000, TODAY),
    unpostedDebit('700', 'HKD', 20000),
    { ...long('700', 'HKD', 0, -18000, TODAY), kind: 'allocated-shares' as const },
    short('9834', 'USD', 900, 50, TODAY),
  ];
  const money = {
    unpostedCredits: [{ currency: 'HKD' as const, amount: 5755 }],
    prepayments: [{ currency: 'HKD' as const, amount: 6000 }],
  };

  it('CP A: lines due today are left out, 2,500 x 1.15 x 1.03 = 2,961 to pay', () => {
    const { mtm, positions, offsetRatio } = run('14:00', [...due, long('80700', 'CNY', 15000, 2500)], money);
    expect(positions.map(({ instrument }) => instrument)).toEqual(['80700']);
    expect(offsetRatio).toBe(0);
    expect(mtm).toMatchObject({ requirement: 2961, favourable: 0 });
  });

  it('CP B, its mirror: 2,500 x 1.15 x 0.97 = 2,789 favourable', () => {
    expect(run('14:00', [...due, short('80700', 'CNY', 15000, -2500)], money).mtm).toMatchObject({ favourable: 2789 });
  });
});

describe('an impossible input: the error names the field', () => {
  const bought = long('5', 'HKD', 20000, 1000);
  it.each<[string, PositionLine, Partial<PositionInput>, RegExp]>([
    ['no rate', { ...bought, currency: 'CNY' }, { rates: {} }, /^rates\.CNY: got nothing/],
    [
      'no haircut',
      { ...bought, currency: 'CNY' },
      { rates: { CNY: { rate: 1 } as never } },
      /^rates\.CNY\.haircut: got nothing/,
    ],
    [
      'a haircut of 1',
      { ...bought, currency: 'CNY' },
      { rates: { CNY: { rate: 1, haircut: 1 } } },
      /^rates\.CNY\.haircut: got 1/,
    ],
    ['a quantity that is not valid', { ...bought, quantity: '1e9' }, {}, /^lines\[0\]\.quantity: got "1e9"/],
    ['another date', { ...bought, settlementDate: '06/11/2019' }, {}, /^lines\[0\]\.settlementDate: got 06\/11\/2019/],
    [
      'an unposted debit of tomorrow',
      { ...bought, quantity: 0, kind: 'unposted-debit' },
      {},
      /^lines\[0\]\.settlementDate/,
    ],
    [
      'an unposted debit with shares',
      { ...bought, settlementDate: TODAY, kind: 'unposted-debit' },
      {},
      /^lines\[0\]\.quantity/,
    ],
    [
      'allocated shares with money',
      { ...bought, settlementDate: TODAY, kind: 'allocated-shares' },
      {},
      /^lines\[0\]\.amount/,
    ],
    [
      'a negative pledge',
      bought,
      { sharePledges: [{ settlementCounter: '5', settlementDate: LATER, quantity: -1 }] },
      /^sharePledges\[0\]/,
    ],
    ['a price that is not valid', bought, { prices: { '5': 'dear' } }, /^prices\.5: got "dear"/],
  ])('%s', (_name, line, more, message) => {
    expect(() => run('EOD', [line], more)).toThrow(message);
  });
});
