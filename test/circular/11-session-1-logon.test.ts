import { expect, test } from 'vitest';
import { answerOf, maker, rehearsalDay } from '../support/circular-day.ts';

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
