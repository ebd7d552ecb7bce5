import { expect, test } from 'vitest';
import { readRapPackage } from '../../src/client/rap-package.ts';
import { answerOf, filesInRap, fromRap, rehearsalDay, riskUser } from '../support/circular-day.ts';

/** What the risk platform made on Friday 23 July, as docs/orp-reports.md says: a data and a control zip of each. */
const OWN = [
  'DWH0081C 0830',
  ...['RMAMP01', 'RMAMR01', 'RMAMR03'].flatMap((id) => [`${id} 1100`, `${id} 1645`, `${id} 2030`]),
];
const COMMON = ['DWH0303 0830', 'ZCAPA01 1000'];

const packages = (paths: readonly string[], folder: string) =>
  paths
    .filter((path) => path.startsWith(`/${folder}/20210723/`))
    .map((path) => /\/([A-Z0-9]+)_\w{6}_20210723_(\d{4})_([CD])\.zip$/.exec(path)?.slice(1).join(' '));
const halves = (all: readonly string[]) => all.flatMap((name) => [`${name} C`, `${name} D`]);

test("circular row 23: Friday's ORP reports and data files are there from the first second, whole and as their control files say", async () => {
  await using day = await rehearsalDay();
  await day.at('2021-07-24T16:30');
  for (const id of ['B09901', 'B09903']) {
    const rap = await day.rapUser(id);
    fromRap(await rap.logOn());
    const paths = await filesInRap(rap);
    expect(packages(paths, 'INBOX')).toEqual(halves(OWN));
    expect(packages(paths, 'COMMON')).toEqual(halves(COMMON));
    expect(packages(paths, 'RPF')).toEqual(halves(['RPF01 2030']));
    // Nothing of the Saturday, and nothing of anybody else.
    expect(paths.filter((path) => path.includes('20210724'))).toEqual([]);
    expect(paths.every((path) => path.includes(`_${id}_`) || path.includes('_COMMON_'))).toBe(true);
    const control = new Map<string, { records: number; csv: string }>();
    for (const path of paths.filter((one) => one.endsWith('_D.zip'))) {
      const data = { name: path.split('/').at(-1) ?? '', bytes: fromRap(await rap.fetch(path)) };
      const read = await readRapPackage(data, fromRap(await rap.fetch(path.replace('_D.zip', '_C.zip'))));
      expect([path, read.faults, read.control?.participantId]).toEqual([path, [], data.name.split('_')[1]]);
      control.set(`${read.control?.reportId} ${read.control?.runTime}`, {
        records: read.control?.records ?? -1,
        csv: read.csv.toString(),
      });
    }
    // The same figures by the other way: ORP Online of the same run.
    const orp = day.orpUser();
    answerOf(await orp.logOn(riskUser(id)));
    const run = { businessDate: '2021-07-23', snapshot: '2030' };
    const [positions, margin] = [answerOf(await orp.positions(run)), answerOf(await orp.margin(run)).margin];
    expect(positions.rows.length).toBeGreaterThan(0);
    expect(control.get('RMAMP01 2030')?.records).toBe(positions.rows.length);
    const [, cells = ''] = control.get('RMAMR01 2030')?.csv.split('\r\n') ?? [];
    expect(cells.split(',')).toContain(String(margin.portfolioMargin.amount));
    expect(cells.split(',')).toContain(String(margin.total));
  }
  const downloads = (await day.journal('download')).filter(({ service }) => service === 'rap');
  expect(downloads.every(({ centre, detail }) => centre === 'backup' && detail.whole === true)).toBe(true);
  expect(downloads.length).toBeGreaterThanOrEqual(4 * (OWN.length + COMMON.length + 1));
});

test("circular row 23: another participant's reports are not to be had, even by their path", async () => {
  await using day = await rehearsalDay();
  await day.at('2021-07-24T16:30');
  const [one, other] = [await day.rapUser('B09901'), await day.rapUser('B09902')];
  fromRap(await one.logOn());
  fromRap(await other.logOn());
  const [theirs = ''] = await filesInRap(one);
  expect(theirs).toContain('B09901');
  expect(await other.fetch(theirs)).toMatchObject({ ok: false, status: 2 });
});
