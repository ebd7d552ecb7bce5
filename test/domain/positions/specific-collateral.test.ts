import { describe, expect, it } from 'vitest';
import type { CashPledge, PositionLine, SharePledge } from '../../../src/domain/positions/position-lines.ts';
import { coveredWithCash, coveredWithShares, line } from '../../support/position-lines.ts';

/** Numbers of the Initial Margin Calculation Guide v1.4, section 4. */

const pledge = (settlementCounter: string, settlementDate: string, quantity = 1500): SharePledge => ({
  settlementCounter,
  settlementDate,
  quantity,
});

describe('specific stock collateral of 05-Nov-2019 (1 CNY = 1.1 HKD; 1,500 shares pledged of each)', () => {
  const pledges = [
    pledge('5', '2019-11-06'),
    pledge('700', '2019-11-06'),
    pledge('941', '2019-11-06'),
    pledge('2828', '2019-11-07'),
  ];
  const cases: [PositionLine, string, string][] = [
    [line('5', '2019-11-06', -4000, 'HKD', -240000), '-2500', '-150000'],
    // Settles on the business date, is not covered even if shares are pledged for it.
    [line('388', '2019-11-05', -1500, 'HKD', -360000), '-1500', '-360000'],
    // Average price 300 against 2,700 x 1.1 / 10 = 297: covered first.
    [line('700', '2019-11-06', -1000, 'HKD', -300000), '0', '0'],
    // Shares to deliver and money to pay for it: abnormal, and covered all the same; 490 shares are left over.
    [line('700', '2019-11-06', -10, 'CNY', 2700), '0', '0'],
    // 65 against 60 x 1.1 = 66: the CNY line is covered first. The guide prints what is left with the wrong sign.
    [line('941', '2019-11-06', -1000, 'HKD', -65000), '-500', '-32500'],
    [line('941', '2019-11-06', -1000, 'CNY', -60000), '0', '0'],
    [line('2828', '2019-11-07', -2000, 'HKD', -120000), '-500', '-30000'],
  ];

  it('leaves what the guide says, line by line', () => {
    const after = coveredWithShares(
      cases.map(([before]) => before),
      [...pledges, pledge('388', '2019-11-05')],
      {
        businessDate: '2019-11-05',
      },
    );
    expect(after).toEqual(cases.map(([, quantity, amount]) => ({ quantity, amount })));
  });

  it('adds up the pledges of one counter and date, and of no other date', () => {
    const lines = [line('5', '2019-11-06', -4000, 'HKD', -240000)];
    const left = (pledged: SharePledge[]) =>
      coveredWithShares(lines, pledged, { businessDate: '2019-11-05' })[0]?.quantity;
    expect(left([pledge('5', '2019-11-06', 1000), pledge('00005', '2019-11-06', 2000)])).toBe('-1000');
    expect(left([pledge('5', '2019-11-07')])).toBe('-4000');
  });

  it('rounds what is left of the amount to 2 decimals', () => {
    const lines = [line('5', '2019-11-06', -3, 'HKD', -100)];
    const after = coveredWithShares(lines, [pledge('5', '2019-11-06', 1)], { businessDate: '2019-11-05' });
    expect(after).toEqual([{ quantity: '-2', amount: '-66.67' }]);
  });
});

describe('specific stock collateral of 24-Dec-2019, a half day (2,500 shares pledged of each)', () => {
  it('leaves what the guide says, line by line, and does not change the long line', () => {
    // The guide's settlement date is not in our sources, any after the business date will do.
    const after = coveredWithShares(
      [
        line('5', '2019-12-27', -4000, 'HKD', -240000),
        line('5', '2019-12-27', 2000, 'HKD', 120000),
        line('700', '2019-12-27', -2000, 'CNY', -720000),
        line('700', '2019-12-27', -1000, 'HKD', -330000),
      ],
      [pledge('5', '2019-12-27', 2500), pledge('700', '2019-12-27', 2500)],
      { businessDate: '2019-12-24' },
    );
    expect(after).toEqual([
      { quantity: '-1500', amount: '-90000' },
      { quantity: '2000', amount: '120000' },
      { quantity: '0', amount: '0' },
      { quantity: '-500', amount: '-165000' },
    ]);
  });
});

describe('specific cash collateral', () => {
  const traded = (
    code: string,
    tradeDate: string,
    quantity: number,
    amount: number,
    settlementDate = '2019-11-06',
  ) => ({
    ...line(code, settlementDate, quantity, 'HKD', amount),
    tradeDate,
  });
  const cash = (settlementCounter: string, tradeDate: string, amount: number): CashPledge => ({
    settlementCounter,
    tradeDate,
    currency: 'HKD',
    amount,
  });

  it('leaves what the guide says: amounts, and quantities pro rata, rounded up', () => {
    const after = coveredWithCash(
      [
        traded('5', '2019-11-04', 4000, 240000),
        traded('700', '2019-11-04', 100, 30000),
        // 2,000 x (1 - 60,000 / 180,000) = 1,333.33
        traded('5', '2019-11-05', 2000, 180000, '2019-11-07'),
        traded('388', '2019-11-01', 500, 120000, '2019-11-05'),
      ],
      // What is pledged of 700 and 388 is not in our sources: more than the position, to be ignored.
      [
        cash('5', '2019-11-04', 60000),
        cash('700', '2019-11-04', 40000),
        cash('5', '2019-11-05', 60000),
        cash('388', '2019-11-01', 60000),
      ],
      { businessDate: '2019-11-05' },
    );
    expect(after).toEqual([
      { quantity: '3000', amount: '180000' },
      { quantity: '0', amount: '0' },
      { quantity: '1334', amount: '120000' },
      { quantity: '500', amount: '120000' },
    ]);
  });

  it('covers the line that settles first, whole shares stay whole', () => {
    const lines = [
      traded('5', '2019-11-04', 300, 900, '2019-11-08'),
      traded('5', '2019-11-04', 300, 900, '2019-11-06'),
    ];
    expect(coveredWithCash(lines, [cash('5', '2019-11-04', 1200)], { businessDate: '2019-11-05' })).toEqual([
      { quantity: '200', amount: '600' },
      { quantity: '0', amount: '0' },
    ]);
  });

  it('covers neither another currency nor a line with money to receive', () => {
    const lines = [
      { ...traded('5', '2019-11-04', 300, 900), currency: 'CNY' as const },
      traded('5', '2019-11-04', 300, -900),
      traded('5', '2019-11-04', -300, -900),
    ];
    const unchanged = lines.map(({ quantity, amount }) => ({ quantity: String(quantity), amount: String(amount) }));
    expect(coveredWithCash(lines, [cash('5', '2019-11-04', 5000)], { businessDate: '2019-11-05' })).toEqual(unchanged);
  });
});
