import { expect, test } from 'vitest';
import { answerOf, granted, maker, rehearsalDay } from '../support/circular-day.ts';
import { EVERY_TYPE, marketOfEveryType } from '../support/every-type.ts';

test('circular row 18: all participants, of whatever type, log on by C3T or PG through the backup centre', async () => {
  await using day = await rehearsalDay();
  await day.at('2021-07-24T16:30');
  const everyone = ['B09901', 'B09902', 'B09903', 'C09901'].flatMap((id) => [
    maker(id),
    maker(id, { user: 'CHECK01', channel: 'PG' }),
  ]);
  for (const who of everyone) {
    const on = await day.tooling().logOn(who);
    expect(answerOf(on)).toMatchObject({
      participant: who.participant,
      user: who.user,
      channel: who.channel,
      centre: 'backup',
      release: 'upgraded',
      rehearsalSession: { id: 'session-1', name: { en: 'Session 1', zh: '時段 1' } },
      loggedOnAt: '2021-07-24T16:30:00+08:00',
      warnings: [],
      simulated: true,
    });
    expect([on.centre, on.certificate]).toEqual(['backup', expect.stringMatching(/^backup /)]);
  }
  const logons = await day.journal('logon');
  expect(logons.map(({ centre, participant, user, detail }) => [centre, participant, user, detail.channel])).toEqual(
    everyone.map(({ participant, user, channel }) => ['backup', participant, user, channel]),
  );
});

test.each([
  ['2021-07-24', 'C3T'],
  ['2021-07-24', 'PG'],
  ['2021-07-31', 'C3T'],
  ['2021-07-31', 'PG'],
] as const)(
  'circular row 18: on %s a participant of each of the seven types verifies by %s that it reaches CCASS through the backup centre',
  async (saturday, channel) => {
    await using market = await marketOfEveryType();
    await using day = await rehearsalDay({ rehearsal: saturday, market: market.folder });
    await day.at(`${saturday}T16:30`);
    const types = new Set<string>();
    for (const id of EVERY_TYPE) {
      granted(await day.control.register({ participant: id, registered: true }));
      const client = day.tooling();
      const on = await client.logOn(maker(id, { channel }));
      expect(answerOf(on)).toMatchObject({ participant: id, channel, centre: 'backup', release: 'upgraded' });
      // The unchanged address, the backup centre's certificate, and an answer to a request of its own.
      expect(on.certificate).toMatch(/^backup /);
      const profile = await client.profile();
      expect([profile.centre, answerOf(profile).participant.id]).toEqual(['backup', id]);
      types.add(answerOf(profile).participant.type);
    }
    expect(types.size).toBe(7);
  },
);
