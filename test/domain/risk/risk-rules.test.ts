import { beforeAll, describe, expect, it } from 'vitest';
import { imrpfSource } from '../../../src/domain/risk/risk-instruments.ts';
import { ipoIndicators, marginParams, type RiskRules } from '../../../src/domain/risk/risk-rules.ts';
import { type Fixtures, loadFixtures } from '../../../src/loading/loading.ts';

let rules: RiskRules;
let fixtures: Fixtures;
beforeAll(async () => {
  fixtures = await loadFixtures();
  rules = fixtures.riskRules;
});

describe('a stock listed on 5 February 2021', () => {
  const listed = (date: string) => ipoIndicators(rules, date).map(({ instrument }) => instrument);

  it('is a separate portfolio for 180 calendar days, with its structured product', () => {
    expect(listed('2021-02-04')).toEqual([]);
    expect(listed('2021-02-05')).toEqual(['01024', '17777']);
    expect(listed('2021-08-03')).toEqual(['01024', '17777']);
    expect(listed('2021-08-04')).toEqual([]);
  });

  it('and is in the parameters of the calculation for those days', () => {
    expect(marginParams(rules, 'B09901', '2021-08-03').ipoInstruments).toEqual(['1024', '17777']);
    expect(marginParams(rules, 'B09901', '2021-08-04').ipoInstruments).toEqual([]);
  });
});

describe('rules announced by circular are valid from their date on', () => {
  it.each([
    // Before its first date, the earliest.
    ['2020-12-31', '0.025'],
    ['2023-08-13', '0.025'],
    ['2023-08-14', '0.032'],
    ['2026-01-01', '0.032'],
  ])('the minimum margin rate of %s is %s', (date, rate) => {
    expect(marginParams(rules, 'B09901', date).minimumMarginRate).toBe(rate);
  });

  it('the flat rate of each margin group', () => {
    const { stocks, announcements, holidays } = fixtures;
    const members = ['00658', '00016', '00027'];
    const flatRateGroups = rules.flatRateGroups.map((group, n) => ({ ...group, stocks: members.slice(n, n + 1) }));
    const market = { rules: { ...rules, flatRateGroups }, stocks, announcements, holidays, generated: null };
    const { instruments } = imrpfSource(market, '2025-10-27');
    const rates = instruments.flatMap((one) => (one.kind === 'flat rate' ? [[one.code, one.rate]] : []));
    expect(rates.sort()).toEqual([
      ['00016', '0.3'],
      ['00027', '0.55'],
      ['00658', '0.12'],
    ]);
  });
});

it('a corporate action has records in the IMRPF from its announcement until a fortnight after its ex-date', () => {
  const { stocks, announcements, holidays } = fixtures;
  const on = (date: string) =>
    imrpfSource({ rules, stocks, announcements, holidays, generated: null }, date).entitlements?.map(
      ({ stock, type }) => `${stock}/${type}`,
    );
  // 5: announced on 5 July, ex on the 23rd; 2318: on the 6th; 388: on the 8th, ex on the 26th; 669: on the 27th, ex on the 30th.
  expect(on('2021-07-04')).toEqual([]);
  expect(on('2021-07-05')).toEqual(['5/3']);
  expect(on('2021-07-08')).toEqual(['5/3', '2318/2', '388/1']);
  expect(on('2021-08-05')).toEqual(['5/3', '2318/2', '388/1', '669/3']);
  expect(on('2021-08-06')).toEqual(['388/1', '669/3']);
});

it('the default rules apply to a participant without rules', () => {
  expect(marginParams(rules, 'B09902', '2021-07-23')).toMatchObject({ flatRateMultiplier: '2', adHocAddOn: '600000' });
  expect(marginParams(rules, 'B09999', '2021-07-23')).toMatchObject({ flatRateMultiplier: '1', adHocAddOn: '0' });
});
