import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { instant } from '../../src/domain/calendar/calendar.ts';
import { startHarness } from '../../src/harness/harness.ts';
import type { Harness, HarnessOptions } from '../../src/harness/options.ts';
import { marginOf, type OrpClient, orpUser, type Refused, type RunMargin, refused, simulated } from '../support/orp.ts';
import { onTheLine } from '../support/rehearsal.ts';

/** The simulation by its three access paths, over real sockets: Monday 26 July 2021, positions of Friday. */
const ACCOUNT = 'HK B09901 MA1';
const A = { path: 'A', account: ACCOUNT };
const B = { path: 'B', account: ACCOUNT };
const C = { path: 'C', account: ACCOUNT };
const HSBC = { instrument: '5', side: 'B', quantity: 400 };

const start = (options: HarnessOptions = {}) =>
  startHarness({ at: instant('2021-07-26T09:00'), clock: 'frozen', seed: 1, ...options });

let harness: Harness;
let orp: OrpClient;
beforeAll(async () => {
  harness = await start();
  orp = await orpUser(harness);
});
afterAll(async () => {
  orp[Symbol.dispose]();
  await harness.stop();
});
const lastRun = async () => (await orp.ask('/margin')).json<RunMargin>();

describe('path A', () => {
  it('comes to the margin of the last run, with every figure behind it', async () => {
    const told = await simulated(orp, A);
    const { margin, params } = await lastRun();
    expect(marginOf(told)).toEqual(margin);
    expect(margin.detail.hvarTails.NON_IPO?.tailScenarios).toHaveLength(6);
    expect(told).toMatchObject({ simulated: true, inputs: { usedPosition: { snapshot: '2030' }, params } });
    expect(told.inputs.riskParameters?.businessDate).toMatch(/^2021-07-2/);
    expect(told.progress.done).toBe(told.progress.total);
  });
});

describe('path B', () => {
  it('computes with settings of one’s own', async () => {
    const { margin } = await lastRun();
    const own = marginOf(await simulated(orp, { ...B, settings: { marginCredit: 0, adHocAddOn: '1000.5' } }));
    expect(own.netMarginAfterCredit).toBe(own.netMargin);
    expect(Number(own.total)).toBe(Number(margin.total) + Number(margin.marginCredit) + 1000.5);
    expect(own.portfolioMargin).toEqual(margin.portfolioMargin);
  });

  it('takes positions and prices of a run that is named', async () => {
    const point = { businessDate: '2021-07-23', snapshot: '1100' };
    const run11 = (await orp.ask('/margin?businessDate=2021-07-23&snapshot=1100')).json<RunMargin>();
    const told = await simulated(orp, { ...B, usedPosition: point, usedPrices: point });
    expect(marginOf(told)).toEqual(run11.margin);
    expect(told.inputs.usedPrices).toMatchObject(point);
    expect(told.inputs.pricesAt).toBe('2021-07-23T11:00:00+08:00');
    // Positions of one run at the prices of another: the market's did not move.
    const later = await simulated(orp, { ...B, usedPosition: point });
    expect([later.inputs.rows, later.inputs.pricesAt]).toEqual([told.inputs.rows, '2021-07-23T20:30:00+08:00']);
    expect(await refused(orp, { ...B, usedPosition: { ...point, snapshot: '1200' } })).toMatchObject({
      code: 'NOT_FOUND',
      detail: expect.stringMatching(/2021-07-23 1200.*GET \/orp\/v1\/margin-runs/),
    });
  });

  it('tests stress alone, or margin and stress: the worst scenario first', async () => {
    const alone = await simulated(orp, { ...B, type: 'Stress Test', stressedScenarioSet: 'ZINDEX' });
    expect(alone.result?.margin).toBeNull();
    const losses = alone.result?.stress?.scenarios.map(({ profitAndLoss }) => profitAndLoss) ?? [];
    expect(losses).toHaveLength(8);
    expect(losses.toSorted((a, b) => a - b)).toEqual(losses);
    const both = await simulated(orp, { ...B, type: 'Margin and Stress Test', stressedScenarioSet: 'ZINDEX' });
    expect(both.result?.stress).toEqual(alone.result?.stress);
    expect(marginOf(both)).toEqual((await lastRun()).margin);
  });
});

describe('path C', () => {
  it('adds hypothetical trades: one that offsets another changes nothing, one at another price the MTM alone', async () => {
    const { margin } = await lastRun();
    const sell = { ...HSBC, side: 'S' };
    expect(marginOf(await simulated(orp, { ...C, trades: [HSBC, sell] }))).toEqual(margin);
    const dearer = marginOf(
      await simulated(orp, {
        ...C,
        trades: [
          { ...HSBC, price: '50.00' },
          { ...sell, price: '40.00' },
        ],
      }),
    );
    expect(dearer.portfolioMargin).toEqual(margin.portfolioMargin);
    expect(Number(dearer.mtmRequirement)).toBe(Number(margin.mtmRequirement) + 400 * 10);
    const more = await simulated(orp, { ...C, trades: [{ ...HSBC, quantity: 10_000_000 }] });
    expect(marginOf(more).total).not.toBe(margin.total);
    expect(more.inputs.trades).toEqual([
      { stock: '00005', side: 'buy', quantity: 10_000_000, currency: 'HKD', price: null },
    ]);
  });

  it('takes hypothetical trades alone', async () => {
    const told = await simulated(orp, { ...C, positions: 'hypothetical', trades: [HSBC] });
    expect(told.inputs.rows.map(({ instrument, quantity }) => [instrument, quantity])).toEqual([['5', 400]]);
    expect(told.inputs.mtm).toEqual({ requirement: 0, favourable: 0, byCurrency: [] });
  });

  it('nets a counter in another currency before it merges into its security, whose MTM bears the haircut', async () => {
    const renminbi = { instrument: '80700', side: 'B', quantity: 100 };
    const alone = { ...C, positions: 'hypothetical' };
    const nothing = await simulated(orp, { ...alone, trades: [renminbi, { ...renminbi, side: 'S' }] });
    expect([nothing.inputs.rows, marginOf(nothing).mtmRequirement]).toEqual([
      [{ instrument: '700', quantity: 0, contractValue: 0, marketValue: 0 }],
      0,
    ]);
    const long = await simulated(orp, { ...alone, trades: [renminbi] });
    expect(long.inputs.rows).toMatchObject([{ instrument: '700', quantity: 100 }]);
    expect(Number(marginOf(long).mtmRequirement)).toBeGreaterThan(0);
  });

  it('takes a csv as body or in a form', async () => {
    const csv = 'instrument,side,quantity,price,currency\r\n5,B,400,,\r\n700,S,100,550,HKD\r\n';
    const typed = await simulated(orp, {
      ...C,
      trades: [HSBC, { instrument: '700', side: 'S', quantity: '100', price: '550', currency: 'HKD' }],
    });
    const body = await simulated(orp, null, { headers: { 'content-type': 'text/csv' }, body: csv });
    expect(marginOf(body)).toEqual(marginOf(typed));
    const form = (settings: object) =>
      [
        ['--x', 'content-disposition: form-data; name="settings"', '', JSON.stringify(settings)],
        ['--x', 'content-disposition: form-data; name="trades"; filename="trades.csv"', 'content-type: text/csv'],
        ['', csv],
        ['--x--', ''],
      ]
        .flat()
        .join('\r\n');
    const headers = { 'content-type': 'multipart/form-data; boundary=x' };
    const sent = await simulated(orp, null, { headers, body: form({ ...C, positions: 'hypothetical' }) });
    expect(sent.inputs.rows.map(({ instrument }) => instrument)).toEqual(['5', '700']);
    const wrong = await orp.ask('/simulations', { method: 'POST', headers, body: form({ ...C, colour: 'blue' }) });
    expect(wrong.json()).toMatchObject({ code: 'BAD_REQUEST', detail: expect.stringMatching(/colour/) });
    const lacks = await orp.ask('/simulations', { method: 'POST', headers, body: form(C).replace('"trades"', '"t"') });
    expect(lacks.json()).toMatchObject({ code: 'BAD_REQUEST', detail: expect.stringMatching(/field `settings`/) });
  });

  it('names every bad row, and takes none (BAD_TRADES)', async () => {
    const before = (await orp.ask('/simulations')).json<{ rows: unknown[] }>().rows.length;
    const csv = 'quantity,instrument,side\n400,5,B\n-1,5,X\n7,99999\n7,99999,S\n';
    const answer = await orp.ask('/simulations', {
      method: 'POST',
      headers: { 'content-type': 'text/csv', 'accept-language': 'zh-HK' },
      body: csv,
    });
    const { code, detail, faults } = answer.json<Refused>();
    expect([answer.status, code]).toEqual([422, 'BAD_TRADES']);
    expect(detail).toMatch(/共 4 項錯誤；首項：第 3 行第 3 欄（side）.*全部買賣均未採用/);
    expect(faults?.map(({ line, column, field, came }) => [line, column, field, came])).toEqual([
      [3, 3, 'side', 'X'],
      [3, 1, 'quantity', '-1'],
      [4, null, null, '2 columns'],
      [5, 2, 'instrument', '99999'],
    ]);
    const typed = await refused(orp, { ...C, trades: [HSBC, { ...HSBC, quantity: 0.5 }] });
    expect(typed.faults).toMatchObject([{ line: 2, column: null, field: 'quantity', came: '0.5' }]);
    expect((await orp.ask('/simulations')).json<{ rows: unknown[] }>().rows).toHaveLength(before);
  });
});

it('a simulation goes by the parameters of the run whose positions it takes, not by today’s', async () => {
  // 1024 is a new listing until Tuesday 3 August.
  await using wednesday = await startHarness({ at: instant('2021-08-04T09:00'), clock: 'frozen', seed: 1 });
  using user = await orpUser(wednesday);
  const { inputs } = await simulated(user, A);
  expect(inputs.params).toMatchObject({ ipoInstruments: ['1024', '17777'] });
});

describe('what a path does not offer (SIMULATION_NOT_OFFERED)', () => {
  const stress = { type: 'Stress Test', stressedScenarioSet: 'ZINDEX' };
  const point = { businessDate: '2021-07-23', snapshot: '1100' };
  it.each([
    ['another participant’s account', { ...A, account: 'HK B09902 MA1' }, 'NOT_ENTITLED', /HK B09901 MA1/],
    ['A with settings', { ...A, settings: {} }, 'SIMULATION_NOT_OFFERED', /has settings\..*path B/],
    ['A with a run', { ...A, usedPosition: point }, 'SIMULATION_NOT_OFFERED', /has usedPosition\..*path B/],
    ['A with prices', { ...A, usedPrices: point }, 'SIMULATION_NOT_OFFERED', /has usedPrices\..*path B/],
    ['A with stress', { ...A, ...stress }, 'SIMULATION_NOT_OFFERED', /has type, stressedScenarioSet\..*path B/],
    ['A with trades', { ...A, trades: [HSBC] }, 'SIMULATION_NOT_OFFERED', /path C/],
    ['B with trades', { ...B, trades: [HSBC] }, 'SIMULATION_NOT_OFFERED', /path C/],
    ['B without positions', { ...B, positions: 'hypothetical' }, 'SIMULATION_NOT_OFFERED', /path C/],
    ['C of existing positions', { ...C, positions: 'existing', trades: [HSBC] }, 'SIMULATION_NOT_OFFERED', /path B/],
    ['C without trades', C, 'SIMULATION_NOT_OFFERED', /`trades`, or a csv/],
    ['C with an empty list', { ...C, trades: [] }, 'BAD_TRADES', /at least one row/],
    ['margin with a set', { ...B, stressedScenarioSet: 'ZINDEX' }, 'SIMULATION_NOT_OFFERED', /leave the set blank/],
    ['stress without a set', { ...B, type: 'Stress Test' }, 'SIMULATION_NOT_OFFERED', /ZINDEX, ZSINGLE/],
    ['an unknown set', { ...B, ...stress, stressedScenarioSet: 'ZNONE' }, 'NOT_FOUND', /--stress DIR/],
    ['a setting that is none', { ...B, settings: { marginCredit: 'much' } }, 'BAD_REQUEST', /marginCredit/],
    ['an unknown setting', { ...B, settings: { colour: 1 } }, 'BAD_REQUEST', /colour.*\/orp\/v1\/docs/],
    ['an unknown path', { ...B, path: 'D' }, 'BAD_REQUEST', /one of A, B, C/],
  ] as const)('%s', async (_what, body, code, detail) => {
    const answer = await refused(orp, body);
    expect([answer.code, answer.detail]).toEqual([code, expect.stringMatching(detail)]);
  });

  it('is told in Chinese too, down to the single setting', async () => {
    const { words } = await refused(orp, { ...B, settings: { marginCredit: 'much' } });
    expect(words.detail).toEqual({
      en: expect.stringContaining('settings.marginCredit: got "much", expected a number not below zero'),
      zh: '設定不符：settings.marginCredit：收到 "much"，應為不小於 0 的數字，或文字形式的小數。請更正；格式載於 /orp/v1/docs',
    });
  });

  it('greeks are accepted and not used; a blank set is none', async () => {
    const told = await simulated(orp, {
      ...A,
      includeGreeks: true,
      stressedScenarioSet: '',
      usedPosition: 'Real-time',
    });
    expect(marginOf(told)).toEqual((await lastRun()).margin);
  });

  it('is refused in order: session, role, shape, path, trades, run', async () => {
    const post = { method: 'POST', body: { path: 'A', account: 'HK B09902 MA1', colour: 1 } };
    const stranger = onTheLine(harness);
    using _ = stranger;
    expect((await stranger.ask('/orp/v1/simulations', post)).json().code).toBe('NO_SESSION');
    using administrator = await orpUser(harness, { user: 'DAMAKER1' });
    expect(await administrator.outcome('/simulations', post)).toEqual([403, 'NOT_ENTITLED']);
    expect(await administrator.outcome('/margin')).toEqual([403, 'NOT_ENTITLED']);
    expect(await orp.outcome('/simulations', post)).toEqual([400, 'BAD_REQUEST']);
    const late = { businessDate: '2021-07-23', snapshot: '0000' };
    const bad = { ...C, usedPosition: late, trades: [{ ...HSBC, side: '?' }] };
    expect((await refused(orp, { ...bad, stressedScenarioSet: 'ZINDEX' })).code).toBe('SIMULATION_NOT_OFFERED');
    expect((await refused(orp, bad)).code).toBe('BAD_TRADES');
    expect((await refused(orp, { ...bad, trades: [HSBC] })).code).toBe('NOT_FOUND');
    const xml = await orp.outcome('/simulations', {
      method: 'POST',
      headers: { 'content-type': 'text/xml' },
      body: '<a/>',
    });
    expect(xml).toEqual([415, 'UNSUPPORTED_MEDIA']);
  });
});
