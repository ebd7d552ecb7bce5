import { expect, it } from 'vitest';
import { instant } from '../../src/domain/calendar/calendar.ts';
import type { MarginablePosition, MarginResult } from '../../src/domain/margin/calculation.ts';
import { startHarness } from '../../src/harness/harness.ts';
import { orpUser } from '../support/orp.ts';
import { answered, inSession1, noted } from '../support/rehearsal.ts';

/** What the scheduled runs made, as a clearing participant sees it on line. */
interface Row {
  readonly businessDate: string;
  readonly snapshot: string;
  readonly total: number;
}
interface Page {
  readonly rows: readonly Row[];
  readonly next: string | null;
}
interface Run {
  readonly names: { readonly online: { readonly en: string } };
  readonly businessDate: string;
  readonly snapshot: string;
  readonly rows: readonly MarginablePosition[];
  readonly margin: MarginResult;
  readonly mtm: { readonly requirement: number; readonly favourable: number };
}
const place = ({ businessDate, snapshot }: Row) => `${businessDate} ${snapshot}`;

it('history, positions, margin and MTM of the runs, each from the publication of its reports on', async () => {
  await using harness = await startHarness({ at: instant('2021-07-26T10:59'), clock: 'frozen', seed: 1 });
  using orp = await orpUser(harness);
  const history = async (query = '') => (await orp.ask(`/margin-runs${query}`)).json<Page>();
  // Sessions end meanwhile, of idleness.
  const goTo = async (set: string) => {
    answered(await harness.control.clock({ set }));
    await orp.logon({ takeOver: true });
  };
  const friday = ['2021-07-23 2030', '2021-07-23 1645', '2021-07-23 1100'];
  expect((await history()).rows.map(place)).toEqual(friday);
  await goTo('2021-07-26T11:29');
  expect((await history()).rows.map(place)).toEqual(friday);
  expect(await orp.outcome('/margin?businessDate=2021-07-26')).toEqual([404, 'NOT_FOUND']);
  const early = await orp.ask('/margin?businessDate=2021-07-26');
  expect([early.json().detail, early.headers['retry-after']]).toEqual([
    expect.stringMatching(/shown from 2021-07-26 11:30 HKT/),
    '60',
  ]);
  await goTo('2021-07-26T11:30');
  expect((await history()).rows.map(place)).toEqual(['2021-07-26 1100', ...friday]);

  const first = await history('?limit=3');
  const second = await history(`?limit=3&cursor=${first.next}`);
  expect([first.rows.map(place).length, second.rows.map(place), second.next]).toEqual([3, ['2021-07-23 1100'], null]);
  expect((await history('?from=2021-07-24')).rows.map(place)).toEqual(['2021-07-26 1100']);
  expect((await history('?to=2021-07-23')).rows.map(place)).toEqual(friday);
  expect(await orp.outcome('/margin-runs?cursor=abc')).toEqual([400, 'BAD_CURSOR']);

  const latest = (await orp.ask('/margin')).json<Run>();
  expect([latest.businessDate, latest.snapshot]).toEqual(['2021-07-26', '1100']);
  const named = (await orp.ask('/margin?businessDate=2021-07-23&snapshot=1645')).json<Run>();
  expect([named.businessDate, named.snapshot]).toEqual(['2021-07-23', '1645']);
  // A line of the history has every component in one amount, as RMAMR01 has.
  const { aggregateBeforeRounding, rounded, netMargin, marginCredit, netMarginAfterCredit, total } = named.margin;
  expect((await history()).rows.find((row) => place(row) === '2021-07-23 1645')).toMatchObject({
    ...{ aggregateBeforeRounding, rounded, netMargin, marginCredit, netMarginAfterCredit, total },
    portfolioMargin: named.margin.portfolioMargin.amount,
    liquidationRiskAddOn: named.margin.liquidationRiskAddOn.amount,
  });
  const { mtm } = (await orp.ask('/mtm?businessDate=2021-07-23&snapshot=1645')).json<Run>();
  expect([mtm.requirement, mtm.favourable]).toEqual([named.margin.mtmRequirement, named.margin.favourableMtm]);
  const { rows } = (await orp.ask('/positions?businessDate=2021-07-23&snapshot=1645')).json<Run>();
  const codes = Object.values(named.margin.detail.groups).flat();
  expect(rows.map(({ instrument }) => instrument)).toEqual(expect.arrayContaining(codes));

  const enquiries = await noted(harness.control, { kinds: ['answer'], service: 'orp', participant: 'B09901' }, 2);
  expect(enquiries[1]?.detail).toMatchObject({ operation: 'enquire', what: 'margin-runs', rows: 3, status: 200 });
});

it('on the Saturday of the rehearsal, Friday’s runs are there at the backup centre, as ORP Online', async () => {
  await using harness = await inSession1();
  using orp = await orpUser(harness);
  const run = (await orp.ask('/margin')).json<Run>();
  expect([run.businessDate, run.snapshot, run.names.online.en]).toEqual(['2021-07-23', '2030', 'ORP Online']);
});

it('from September 2021 on it is VaR Online, also in refusals', async () => {
  await using harness = await startHarness({ at: instant('2021-09-01T09:00'), clock: 'frozen' });
  using orp = await orpUser(harness);
  expect((await orp.ask('/profile')).json<Run>().names.online.en).toBe('VaR Online');
  expect((await orp.tryLogon({ participant: 'C09901' })).json().detail).toMatch(/^VaR Online is for clearing/);
  expect((await orp.ask('/margin?businessDate=2021-01-04')).json().detail).toMatch(/^VaR Online has no margin run/);
});
