import { expect, test } from 'vitest';
import { readRapPackage } from '../../src/client/rap-package.ts';
import { RapConnectionLost } from '../../src/client/rap-user.ts';
import { answerOf, filesInRap, fromRap, outcome, rehearsalDay, riskUser } from '../support/circular-day.ts';

test.each([
  ['2021-07-24', '20210723'],
  ['2021-07-31', '20210730'],
])('circular row 26: %s: RAP and ORP Online through the primary centre, as set up before', async (saturday, friday) => {
  await using day = await rehearsalDay({ rehearsal: saturday });
  await day.at(`${saturday}T16:30`);
  const rap = await day.rapUser('B09901');
  const orp = day.orpUser();
  const { hostKey } = fromRap(await rap.logOn());
  answerOf(await orp.logOn(riskUser('B09901')));
  const files = await filesInRap(rap);
  const first = new Map<string, Buffer>();
  for (const path of files) first.set(path, fromRap(await rap.fetch(path)));
  const margin = answerOf(await orp.margin());

  await day.at(`${saturday}T20:30`);
  await expect(rap.list('/')).rejects.toThrow(RapConnectionLost);
  const late = await orp.margin();
  expect([outcome(late), late.ok ? null : late.refusal.more]).toEqual(['401 SESSION_ENDED', { reason: 'switch' }]);

  expect(fromRap(await rap.logOn()).hostKey).toBe(hostKey);
  const on = await orp.logOn(riskUser('B09901'));
  expect([on.centre, on.certificate]).toEqual(['primary', expect.stringMatching(/^primary /)]);
  expect(answerOf(on)).toMatchObject({ release: 'upgraded', rehearsalSession: { id: 'session-2' } });
  expect((await day.journal('logon')).at(-2)).toMatchObject({
    centre: 'primary',
    service: 'rap',
    detail: { window: 'session-2' },
  });
  // Reports, data files and figures, as the backup centre gave them.
  expect(await filesInRap(rap)).toEqual(files);
  for (const [path, bytes] of first) expect(fromRap(await rap.fetch(path)).equals(bytes)).toBe(true);
  expect(answerOf(await orp.margin())).toEqual(margin);

  // The report and the screen tell the same run, that of the Friday.
  const name = `RMAMR01_B09901_${friday}_2030_D.zip`;
  const path = `/INBOX/${friday}/${name}`;
  const zips = [path, path.replace('_D', '_C')].map((one) => first.get(one) ?? Buffer.alloc(0));
  const report = await readRapPackage({ name, bytes: zips[0] ?? Buffer.alloc(0) }, zips[1] ?? Buffer.alloc(0));
  expect([report.faults, margin.businessDate.replaceAll('-', ''), margin.snapshot]).toEqual([[], friday, '2030']);
  expect(report.csv.toString().trim().split(',')).toContain(String(margin.margin.total));
});

test('circular row 26: clearing participants only, as in session 1', async () => {
  await using day = await rehearsalDay();
  await day.at('2021-07-24T20:30');
  expect(await (await day.rapUser('C09901')).logOn()).toMatchObject({ ok: false });
  expect(outcome(await day.orpUser().logOn(riskUser('C09901')))).toBe('403 NOT_ENTITLED');
  expect(outcome(await day.orpUser().logOn(riskUser('L09901')))).toBe('403 NOT_ENTITLED');
  fromRap(await (await day.rapUser('B09903')).logOn());
  answerOf(await day.orpUser().logOn(riskUser('B09903')));
});
