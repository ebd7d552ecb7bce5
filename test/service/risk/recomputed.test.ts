import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../../src/commands/program.ts';
import { previousBusinessDay } from '../../../src/domain/calendar/calendar.ts';
import { isRefusal, type Refusal } from '../../../src/domain/refusal.ts';
import { readCsv } from '../../../src/wire/csv-table.ts';
import { readIpoIndicators, readMarginablePositions, readMultipliers } from '../../../src/wire/risk-reports.ts';
import { fakeCliContext } from '../../support/fake-cli-context.ts';
import { type Platform, platform } from '../../support/risk-platform.ts';

/** What a participant knows besides the reports: published rates, and its own liquid capital does not matter here. */
const PARAMETER_FILE = { minimumMarginRate: '0.025', minimumTick: '0.001', hedgingInstrument: '2800' };
const DAYS = ['2021-07-23', '2021-07-26'];
const SNAPSHOTS = ['1100', '1645', '2030'];
const PARTICIPANTS = ['B09901', 'B09902', 'B09903'];

let folder: string;
let orp: Platform;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recomputed-'));
  orp = await platform('2021-07-24T16:25', { rehearsal: '2021-07-24' });
  await orp.at('2021-07-26T11:00');
  // A trade after the first run, so that the runs of one day differ.
  await orp.trade({ participant: 'B09902', side: 'sell', stock: '700', quantity: 90_000, price: '548.5' });
  await orp.at('2021-07-26T22:00');
});
afterAll(async () => {
  await orp[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const good = <T>(read: T | Refusal): T => {
  if (isRefusal(read)) throw new Error(read.detail.en);
  return read;
};
const columnsOf = (report: string) => orp.fixtures.riskCatalogue.find(({ id }) => id === report)?.columns ?? [];

/** The one row of RMAMR01, by the names of its columns. */
async function reported(participant: string, date: string, snapshot: string) {
  const columns = columnsOf('RMAMR01');
  const [row] = good(readCsv('RMAMR01', columns, [], await orp.csv('RMAMR01', participant, date, snapshot)));
  return Object.fromEntries(columns.map(({ value }) => [value, row?.text(value) ?? '']));
}

describe.each(DAYS)('RMAMR01 of %s is what a participant computes from the files of RAP', (date) => {
  it.each(SNAPSHOTS.flatMap((snapshot) => PARTICIPANTS.map((participant) => [snapshot, participant] as const)))(
    'snapshot %s of %s',
    async (snapshot, participant) => {
      const report = await reported(participant, date, snapshot);
      const inForce = previousBusinessDay(date, orp.fixtures.holidays);
      const read = { encoding: 'utf8' } as const;
      await writeFile(join(folder, 'RPF01.csv'), await orp.csv('RPF01', 'COMMON', inForce, '2030'), read);
      const multipliers = good(
        readMultipliers(columnsOf('DWH0081C'), await orp.csv('DWH0081C', participant, date, '0830')),
      );
      const newListings = good(
        readIpoIndicators(columnsOf('DWH0303'), await orp.csv('DWH0303', 'COMMON', date, '0830')),
      );
      const positions = good(
        readMarginablePositions(columnsOf('RMAMP01'), await orp.csv('RMAMP01', participant, date, snapshot)),
      );
      const input = {
        imrpf: 'RPF01.csv',
        positions,
        params: {
          ...PARAMETER_FILE,
          flatRateMultiplier: multipliers.find((row) => row.participant === participant)?.flatRateMultiplier,
          ipoInstruments: newListings.map(({ instrument }) => instrument),
          // What the guide reads off RMAMR01.
          mtmGiven: Number(report.favourableMtm) - Number(report.mtmRequirement),
          marginCredit: report.marginCredit,
          positionLimitAddOnGiven: report.positionLimitAddOn,
          creditRiskAddOn: report.creditRisk,
          adHocAddOn: report.adHoc,
        },
      };
      const file = join(folder, `${participant}-${date}-${snapshot}.json`);
      await writeFile(file, JSON.stringify(input));
      const world = fakeCliContext();
      expect([await run(['margin', file, '--json'], world), world.errors]).toEqual([0, []]);
      const result = JSON.parse(world.out.join('\n'));
      expect(result.detail).toMatchObject({ unmatched: [], warnings: [] });
      expect(report.riskParameterFile).toBe(inForce.split('-').reverse().join('/'));
      const { portfolioMargin, liquidationRiskAddOn, mtmRequirement, favourableMtm, ...figures } = result;
      const computed: Record<string, unknown> = {
        ...figures,
        mtmRequirement,
        favourableMtm,
        portfolioMargin: portfolioMargin.amount,
        liquidationRiskAddOn: liquidationRiskAddOn.amount,
      };
      const amounts = Object.keys(report).filter((name) => name in computed);
      expect(amounts).toHaveLength(columnsOf('RMAMR01').length - 6);
      expect(report).toMatchObject(Object.fromEntries(amounts.map((name) => [name, String(computed[name])])));
      expect(Number(report.portfolioMargin)).toBeGreaterThan(0);
    },
  );
});

describe('the figures of a run', () => {
  it('are those of the reports, one for one (RMAMP01, RMAMR03)', async () => {
    const runs = [...orp.books.all('marginRun')];
    expect(runs).toHaveLength(DAYS.length * SNAPSHOTS.length * PARTICIPANTS.length);
    for (const { participant, businessDate, snapshot, result, mtm, positions } of runs) {
      const detail = await reported(participant, businessDate, snapshot);
      expect(detail).toMatchObject({
        total: String(result.total),
        mtmRequirement: String(mtm.requirement),
        favourableMtm: String(mtm.favourable),
        portfolioMargin: String(result.portfolioMargin.amount),
      });
      const lines = readMarginablePositions(
        columnsOf('RMAMP01'),
        await orp.csv('RMAMP01', participant, businessDate, snapshot),
      );
      expect(lines).toEqual(positions);
      const columns = columnsOf('RMAMR03');
      const [summary] = good(
        readCsv('RMAMR03', columns, [], await orp.csv('RMAMR03', participant, businessDate, snapshot)),
      );
      expect(summary?.text('total')).toBe(String(result.total));
    }
  });

  it('go with the corporate actions of the day: a row in the report of its ex-date, and in no other (ZCAPA01)', async () => {
    const rows = async (date: string) =>
      (await orp.csv('ZCAPA01', 'COMMON', date, '1000')).trimEnd().split('\r\n').slice(1);
    expect(await rows('2021-07-23')).toEqual([
      '23/07/2021,20210723,HKMK,5,5,1,DIV5,-0.55,,,,',
      '23/07/2021,20210723,HKMK,2318,2318,1,,,,,SRI2318,0.2',
    ]);
    expect(await rows('2021-07-26')).toEqual(['26/07/2021,20210726,HKMK,388,388,1,,,DSP388,0.1,,']);
  });

  it('of a general clearing participant are reported by account too: H1 and each NCP, but at the estimation (RMAMR03)', async () => {
    const rows = async (snapshot: string, participant = 'B09903') => {
      const columns = columnsOf('RMAMR03');
      const read = good(readCsv('RMAMR03', columns, [], await orp.csv('RMAMR03', participant, '2021-07-23', snapshot)));
      return read.map((row) => Object.fromEntries(columns.map(({ value }) => [value, row.text(value)])));
    };
    const accounts = async (snapshot: string) => (await rows(snapshot)).map(({ account }) => account);
    for (const snapshot of ['1100', '2030']) expect(await accounts(snapshot)).toEqual(['', 'H1', '09951+', '09952+']);
    expect(await accounts('1645')).toEqual(['']);
    expect(await rows('2030', 'B09902')).toHaveLength(1);

    // 09951+ is long 30,000,000 of 939 alone, bought at 5.58 and worth 5.60.
    const position = { instrument: '939', quantity: 30_000_000, contractValue: 167_400_000, marketValue: 168_000_000 };
    await writeFile(join(folder, 'RPF01.csv'), await orp.csv('RPF01', 'COMMON', '2021-07-22', '2030'));
    const file = join(folder, 'ncp.json');
    const params = { ...PARAMETER_FILE, marginCredit: 0 };
    await writeFile(file, JSON.stringify({ imrpf: 'RPF01.csv', positions: [position], params }));
    const world = fakeCliContext();
    expect([await run(['margin', file, '--json'], world), world.errors]).toEqual([0, []]);
    const { netMargin } = JSON.parse(world.out.join('\n'));
    expect(netMargin).toBeGreaterThan(0);
    expect((await rows('2030')).find(({ account }) => account === '09951+')).toMatchObject({
      ...{
        mtmRequirement: '0',
        favourableMtm: '600000',
        marginRequirement: String(netMargin),
        total: String(netMargin),
      },
    });
    // MTM of one currency nets over the accounts as over positions; the whole has the credit and the add-ons besides.
    const [whole, ...each] = (await rows('2030')).map((row) => Number(row.favourableMtm) - Number(row.mtmRequirement));
    expect(each.reduce((sum, mtm) => sum + mtm, 0)).toBe(whole);
  });

  it('follow the trades: the runs of Monday differ, those of Friday know nothing of it', () => {
    const of = (date: string, snapshot: string) => orp.books.get('marginRun', `B09902/${date}/${snapshot}`);
    expect(of('2021-07-26', '2030')?.result.total).not.toEqual(of('2021-07-26', '1100')?.result.total);
    const tencent = (date: string, snapshot: string) =>
      of(date, snapshot)?.positions.find(({ instrument }) => instrument === '700')?.quantity;
    // 600 of 80700 are long; 2,000 are sold and due on Monday, so that they settle by the end of the day.
    expect([tencent('2021-07-23', '2030'), tencent('2021-07-26', '1100'), tencent('2021-07-26', '1645')]).toEqual([
      -1400, -1400, -89_400,
    ]);
  });
});
