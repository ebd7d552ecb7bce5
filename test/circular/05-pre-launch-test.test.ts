import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  answerOf,
  batchFile,
  filesInRap,
  fromRap,
  granted,
  maker,
  outcome,
  rehearsalDay,
  riskUser,
} from '../support/circular-day.ts';

test('circular row 8: the pre-launch test of 14 August can be played, and the upgrade is in service from Monday 16 August at both centres', async () => {
  await using day = await rehearsalDay({ rehearsal: '2021-08-14' });
  const client = day.tooling();
  const { sessions } = granted(await day.control.rehearsal({}));
  expect(sessions.map(({ centre }) => centre)).toEqual(['backup', 'primary']);
  for (const { hongKong } of sessions) expect(hongKong).toContain('2021-08-14');

  await day.at('2021-08-14T16:30');
  expect(answerOf(await client.logOn(maker('B09901')))).toMatchObject({ centre: 'backup', release: 'upgraded' });
  await day.at('2021-08-14T20:30');
  expect(answerOf(await client.logOn(maker('B09901')))).toMatchObject({ centre: 'primary', release: 'upgraded' });
  await day.at('2021-08-15T10:00');
  expect(outcome(await client.logOn(maker('B09901')))).toBe('423 NOT_OPEN');
  // In service, at CCASS, RAP and ORP Online, whichever centre is active, and from then on.
  const releases = async (centre: 'primary' | 'backup') => {
    expect(answerOf(await client.centre())).toMatchObject({ centre, release: 'upgraded' });
    const normal = { centre, release: 'upgraded', rehearsalSession: null };
    expect(answerOf(await client.logOn(maker('B09901')))).toMatchObject(normal);
    expect(answerOf(await day.orpUser().logOn(riskUser('B09901')))).toMatchObject(normal);
    fromRap(await (await day.rapUser('B09901')).logOn());
    expect((await day.journal('logon')).at(-1)).toMatchObject({
      service: 'rap',
      centre,
      detail: { release: 'upgraded' },
    });
  };
  await day.at('2021-08-16T08:00');
  await releases('primary');
  granted(await day.control.failover({ to: 'backup' }));
  await releases('backup');
  await day.at('2021-08-30T08:00');
  await releases('backup');
});

test.each(['2021-08-14', '2021-07-24'])(
  'circular row 8: before that, and with %s otherwise, it is the one in production',
  async (rehearsal) => {
    await using day = await rehearsalDay({ rehearsal, at: Date.parse('2021-08-13T10:00:00+08:00') });
    expect(answerOf(await day.tooling().logOn(maker('B09901'))).release).toBe('production');
    await day.at('2021-08-16T10:00');
    const after = answerOf(await day.tooling().logOn(maker('B09901'))).release;
    expect(after).toBe(rehearsal === '2021-08-14' ? 'upgraded' : 'production');
  },
);

test('circular row 8: every time in its file is marked as assumed: the circular names the day only', () => {
  const file = readFileSync(new URL('../../fixtures/rehearsals/2021-08-14.json', import.meta.url), 'utf8');
  const marks = [...file.matchAll(/"status": "(\w+)"/g)].map(([, status]) => status);
  expect(marks.length).toBeGreaterThan(5);
  expect(new Set(marks)).toEqual(new Set(['assumed']));
});

test.each([
  ['16:30', 'backup'],
  ['20:30', 'primary'],
] as const)(
  'circular row 8: the pre-launch test at %s is one of every service, through the %s centre, with figures to look at',
  async (time, centre) => {
    await using day = await rehearsalDay({ rehearsal: '2021-08-14' });
    const client = day.tooling();
    expect(outcome(await client.logOn(maker('B09901')))).toBe('423 NOT_OPEN');
    await day.at(`2021-08-14T${time}`);
    for (const [id, channel] of [
      ['B09902', 'C3T'],
      ['B09903', 'PG'],
      ['C09901', 'PG'],
    ] as const)
      expect(answerOf(await day.tooling().logOn(maker(id, { channel })))).toMatchObject({
        centre,
        release: 'upgraded',
      });
    answerOf(await client.logOn(maker('B09901')));
    expect(answerOf(await client.duePositions())).not.toEqual([]);
    const { reference } = answerOf(await client.uploadBatch(batchFile('2021-08-14', '2021-08-16')));
    granted(await day.control.clock({ advanceMs: 0 }));
    expect(answerOf(await client.batchStatus(reference))).toMatchObject({ status: 'processed', accepted: 2 });
    const rap = await day.rapUser('B09901');
    fromRap(await rap.logOn());
    expect((await filesInRap(rap)).filter((name) => name.includes('_20210813_')).length).toBeGreaterThan(20);
    const orp = day.orpUser();
    expect(answerOf(await orp.logOn(riskUser('B09901')))).toMatchObject({ centre, release: 'upgraded' });
    expect(Number(answerOf(await orp.margin()).margin.total)).toBeGreaterThan(0);
    // After the test the next opening is the Monday of the start of service.
    await day.at('2021-08-14T22:30');
    const closed = await client.logOn(maker('B09901'));
    expect(closed.ok ? null : closed.refusal.retryAt).toBe(Date.parse('2021-08-16T07:15:00+08:00'));
  },
);
