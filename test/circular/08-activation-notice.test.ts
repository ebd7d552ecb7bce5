import { expect, test } from 'vitest';
import { answerOf, maker, rehearsalDay } from './day.ts';

test('the activation of the backup centre is announced when the line is switched to it', async () => {
  await using day = await rehearsalDay();
  await day.at('2021-07-24T16:29:59.999');
  expect(await day.journal('broadcast')).toEqual([]);
  await day.at('2021-07-24T16:30');

  const [switched] = await day.journal('switch');
  const [sent] = await day.journal('broadcast');
  expect([switched?.centre, switched?.at]).toEqual(['backup', Date.parse('2021-07-24T16:30:00+08:00')]);
  expect([sent?.centre, sent?.detail.kind]).toEqual(['backup', 'activation']);
  expect(sent?.seq).toBeGreaterThan(switched?.seq ?? Number.NaN);

  for (const who of ['B09901', 'C09901']) {
    const client = day.tooling();
    answerOf(await client.logOn(maker(who)));
    expect(answerOf(await client.broadcasts())).toMatchObject([
      {
        kind: 'activation',
        at: '2021-07-24T16:30:00+08:00',
        subject: { en: expect.stringContaining('Backup data centre'), zh: expect.stringContaining('後備數據中心') },
        text: { en: expect.stringContaining('existing configuration'), zh: expect.stringContaining('現有配置') },
      },
    ]);
  }
});

test('it is still to be read in session 2, below the notice of the return', async () => {
  await using day = await rehearsalDay();
  await day.at('2021-07-24T20:30');
  const client = day.tooling();
  answerOf(await client.logOn(maker('B09901')));
  expect(answerOf(await client.broadcasts()).map(({ at, kind }) => [at, kind])).toEqual([
    ['2021-07-24T20:30:00+08:00', 'notice'],
    ['2021-07-24T16:30:00+08:00', 'activation'],
  ]);
});
