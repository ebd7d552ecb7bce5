import { expect, test } from 'vitest';
import { answerOf, batchFile, granted, maker, outcome, rehearsalDay } from '../support/circular-day.ts';
import { EVERY_TYPE, marketOfEveryType } from '../support/every-type.ts';

test('circular row 24: session 2 is open from 20:30 until just before 22:30, at the primary centre', async () => {
  await using day = await rehearsalDay();
  const client = day.tooling();
  const at = async (time: string) => {
    await day.at(time);
    const on = await client.logOn(maker('B09901', { takeOver: true }));
    return [outcome(on), on.certificate.split(' ')[0]];
  };
  expect(await at('2021-07-24T20:29:59.999')).toEqual(['423 NOT_OPEN', 'backup']);
  expect(await at('2021-07-24T20:30')).toEqual(['201', 'primary']);
  expect(await at('2021-07-24T22:29:59.999')).toEqual(['201', 'primary']);
  expect(await at('2021-07-24T22:30')).toEqual(['423 NOT_OPEN', 'primary']);
});

test('circular row 24: sessions of the backup centre have ended, and the refusal says why (SESSION_ENDED)', async () => {
  await using day = await rehearsalDay();
  await day.at('2021-07-24T18:29');
  const client = day.tooling();
  answerOf(await client.logOn(maker('B09901')));
  await day.at('2021-07-24T20:30');
  const late = await client.stockBalances();
  expect([outcome(late), late.centre]).toEqual(['401 SESSION_ENDED', 'primary']);
  if (late.ok) throw new Error('its session ended');
  expect(late.refusal.more).toEqual({ reason: 'switch' });
  expect(late.refusal.detail.en).toContain('opened at the backup centre; the primary centre is active now');
  expect(late.refusal.detail.zh).toContain('請於同一地址重新登入');
});

test('circular row 25: all participants verify the connection, and find what they did in session 1', async () => {
  await using day = await rehearsalDay();
  await day.at('2021-07-24T16:30');
  const client = day.tooling();
  answerOf(await client.logOn(maker('B09901')));
  const { reference } = answerOf(await client.uploadBatch(batchFile('2021-07-24', '2021-07-26')));
  await day.at('2021-07-24T20:30');
  for (const id of ['B09902', 'B09903', 'C09901']) {
    const on = answerOf(await day.tooling().logOn(maker(id, { channel: 'PG' })));
    expect(on).toMatchObject({ centre: 'primary', release: 'upgraded', rehearsalSession: { id: 'session-2' } });
  }
  answerOf(await client.logOn(maker('B09901')));
  expect(answerOf(await client.batchStatus(reference))).toMatchObject({ status: 'processed', receivedBy: 'backup' });
  expect(answerOf(await client.settlementInstructions()).rows).toHaveLength(2);
});

test('circular row 25: all other verbs are open as well (assumed)', async () => {
  await using day = await rehearsalDay();
  await day.at('2021-07-24T20:30');
  const client = day.tooling();
  answerOf(await client.logOn(maker('B09901')));
  expect(outcome(await client.uploadBatch(batchFile('2021-07-24', '2021-07-26')))).toBe('202');
  granted(await day.control.clock({ advanceMs: 0 }));
  const [report] = answerOf(await client.reports({ id: 'ZSICR01' }));
  expect(outcome(await client.download(report?.reference ?? ''))).toBe('200');
  for (const answer of [
    await client.profile(),
    await client.stockBalances(),
    await client.broadcasts(),
    await client.batches(),
  ]) {
    expect(outcome(answer)).toBe('200');
  }
});

test.each([
  ['2021-07-24', 'C3T'],
  ['2021-07-24', 'PG'],
  ['2021-07-31', 'C3T'],
  ['2021-07-31', 'PG'],
] as const)(
  'circular row 25: on %s a participant of each of the seven types verifies by %s that it reaches CCASS through the primary centre',
  async (saturday, channel) => {
    await using market = await marketOfEveryType();
    await using day = await rehearsalDay({ rehearsal: saturday, market: market.folder });
    for (const id of EVERY_TYPE) granted(await day.control.register({ participant: id, registered: true }));
    // One client a participant for both sessions: its configuration stays.
    const clients = EVERY_TYPE.map((id) => [id, day.tooling()] as const);
    for (const [time, centre] of [
      ['16:30', 'backup'],
      ['20:30', 'primary'],
    ] as const) {
      await day.at(`${saturday}T${time}`);
      for (const [id, client] of clients) {
        const on = await client.logOn(maker(id, { channel }));
        expect(answerOf(on)).toMatchObject({ participant: id, channel, centre, release: 'upgraded' });
        expect(on.certificate).toMatch(new RegExp(`^${centre} `));
        const profile = await client.profile();
        expect([profile.centre, answerOf(profile).participant.id]).toEqual([centre, id]);
      }
    }
    expect((await day.journal('logon')).filter(({ centre }) => centre === 'primary')).toHaveLength(EVERY_TYPE.length);
  },
);
