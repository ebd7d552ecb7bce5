import { beforeAll, describe, expect, it } from 'vitest';
import { instant } from '../../../src/domain/calendar/calendar.ts';
import type { Announcement, DuePosition, Pledge } from '../../../src/domain/nouns/market.ts';
import { type SnapshotFacts, type SnapshotOf, snapshotInput } from '../../../src/domain/risk/risk-snapshot.ts';
import { type Fixtures, loadFixtures } from '../../../src/loading/loading.ts';

let fixtures: Fixtures;
beforeAll(async () => {
  fixtures = await loadFixtures();
});

/** Friday 23 July 2021, at 11:00. */
const RUN: SnapshotOf = { case: '11:00', date: '2021-07-23', at: instant('2021-07-23T11:00') };
const due = (over: Partial<DuePosition>): DuePosition => ({
  ...{ participant: 'B09901', stock: '00005', market: 'HKMK', settlementDate: '2021-07-26', currency: 'HKD' },
  ...{ quantity: 400, amountCents: 1_740_050, kind: 'CNS' },
  ...over,
});
const input = (facts: Partial<SnapshotFacts>, run: Partial<SnapshotOf> = {}) => {
  const { riskRules: rules, holidays, stocks } = fixtures;
  const none = { duePositions: [], pledges: [], announcements: [] };
  return snapshotInput({ rules, holidays, stocks, ...none, ...facts }, { ...RUN, ...run });
};
const settling = (run: Partial<SnapshotOf>, ...rows: DuePosition[]) =>
  input({ duePositions: rows }, run).lines.map(({ settlementDate }) => settlementDate);

describe('of the due positions a run takes', () => {
  it('those of CNS, and never isolated trades', () => {
    expect(settling({}, due({}), due({ settlementDate: '2021-07-27', kind: 'isolated' }))).toEqual(['2021-07-26']);
  });

  it('those traded by its date: a late run does not include later ones', () => {
    const traded = (tradeDate: string) => settling({}, due({ tradeDate }));
    expect([traded('2021-07-23').length, traded('2021-07-26').length]).toEqual([1, 0]);
  });

  it.each([
    ['11:00', ['2021-07-23', '2021-07-26']],
    ['14:00', ['2021-07-23', '2021-07-26']],
    ['EOD', ['2021-07-26']],
  ] as const)('at %s those not settled by then, and what is overdue', (snapshot, dates) => {
    const rows = ['2021-07-22', '2021-07-23', '2021-07-26'].map((settlementDate) => due({ settlementDate }));
    expect(settling({ case: snapshot }, ...rows)).toEqual(dates);
    const failed = rows.map((row) => ({ ...row, unsettled: true as const }));
    expect(settling({ case: snapshot }, ...failed)).toEqual(['2021-07-22', '2021-07-23', '2021-07-26']);
  });

  it('in whole units, traded two business days before they settle by default', () => {
    const [line] = input({ duePositions: [due({ settlementDate: '2021-07-26' })] }).lines;
    expect(line).toMatchObject({ counter: '00005', tradeDate: '2021-07-22', quantity: 400, amount: '17400.50' });
    // 1 July is a holiday.
    expect(
      input({ duePositions: [due({ settlementDate: '2021-07-05' })] }, { date: '2021-06-30' }).lines,
    ).toMatchObject([{ tradeDate: '2021-06-30' }]);
  });
});

describe('of pledges a run takes', () => {
  const pledge = (kind: Pledge['kind'], from: string, over: Partial<Pledge> = {}): Pledge => ({
    ...{ reference: 'P1', participant: 'B09901', kind, from: instant(from) },
    ...over,
  });

  it('those made up to it, to the minute', () => {
    const of = (from: string) => {
      const cover = { counter: '00005', settlementDate: '2021-07-26', tradeDate: '2021-07-22', quantity: 1 };
      const pledges = (['SSC', 'SCC'] as const).map((kind) => pledge(kind, from, { ...cover, amountCents: 1 }));
      const { sharePledges, cashPledges } = input({ pledges });
      return [sharePledges?.length, cashPledges?.length];
    };
    expect([of('2021-07-23T11:00'), of('2021-07-23T11:01'), of('2021-07-22T09:00')]).toEqual([
      [1, 1],
      [0, 0],
      [1, 1],
    ]);
  });

  it('and, of money paid ahead, that of the same day', () => {
    const paid = (from: string) =>
      input({ pledges: [pledge('prepayment', from, { currency: 'HKD', amountCents: 5 })] }).prepayments;
    expect(paid('2021-07-23T09:30')).toEqual([{ currency: 'HKD', amount: '0.05' }]);
    expect(paid('2021-07-22T09:30')).toEqual([]);
  });
});

it('corporate actions count from their ex-date on, with a price for their entitlements', () => {
  const rights: Announcement = {
    ...{ number: 'A00000009', stock: '00388', type: 'BE', summary: 'RIGHTS', announcedOn: '2021-07-01' },
    ...{ exDate: '2021-07-23', rights: { perShare: '0.5', price: '7' } },
  };
  expect(input({ announcements: [rights] })).toMatchObject({
    corporateActions: [{ exDate: '2021-07-23', rights: { instrument: 'SRI388', perShare: '0.5' } }],
    prices: { SRI388: '7' },
  });
  const before = input({ announcements: [rights] }, { date: '2021-07-22' });
  expect([before.corporateActions, before.prices.SRI388]).toEqual([[], undefined]);
});
