import { expect, test } from 'vitest';
import { answerOf, granted, maker, rehearsalDay } from '../support/circular-day.ts';

test('circular row 13: the activation of the backup centre is announced when the line is switched to it', async () => {
  await using day = await rehearsalDay();
  await day.at('2021-07-24T16:29:59.999');
  expect(await day.journal('broadcast')).toEqual([]);
  await day.at('2021-07-24T16:30');

  const [switched] = await day.journal('switch');
  const [sent] = await day.journal('broadcast');
  expect([switched?.centre, switched?.at]).toEqual(['backup', Date.parse('2021-07-24T16:30:00+08:00')]);
  expect([sent?.centre, sent?.detail.type]).toEqual(['backup', 'activation']);
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

test.each(['2021-07-24', '2021-07-31', '2021-08-14'])(
  'circular row 13: on %s it is said of ORP too, of which clearing participants then use the backup centre',
  async (rehearsal) => {
    await using day = await rehearsalDay({ rehearsal });
    await day.at(`${rehearsal}T16:30`);
    const client = day.tooling();
    answerOf(await client.logOn(maker('B09903')));
    const [notice] = answerOf(await client.broadcasts());
    expect(notice).toMatchObject({ kind: 'activation', at: `${rehearsal}T16:30:00+08:00` });
    expect([notice?.text.en, notice?.text.zh]).toEqual([
      expect.stringMatching(/\bORP\b.* is activated/),
      expect.stringMatching(/ORP 後備數據中心已啟動/),
    ]);
  },
);

test('circular row 13: in an emergency of another day the tester announces it, at the centre that took over', async () => {
  await using day = await rehearsalDay({ at: Date.parse('2021-07-27T10:00:00+08:00') });
  granted(await day.control.failover({ to: 'backup', mode: 'cut' }));
  const subject = { en: 'ORP backup data centre activated', zh: 'ORP 後備數據中心已啟動' };
  const text = {
    en: 'Use RAP and ORP Online with your existing configuration.',
    zh: '請使用現有配置連接 RAP 及 ORP Online。',
  };
  granted(await day.control.broadcast({ kind: 'activation', subject, text }));
  const client = day.tooling();
  answerOf(await client.logOn(maker('B09901')));
  expect(answerOf(await client.broadcasts())).toMatchObject([{ kind: 'activation', subject, text }]);
  expect((await day.journal('broadcast')).map(({ centre }) => centre)).toEqual(['backup']);
});

test('circular row 13: it is still to be read in session 2, below the notice of the return', async () => {
  await using day = await rehearsalDay();
  await day.at('2021-07-24T20:30');
  const client = day.tooling();
  answerOf(await client.logOn(maker('B09901')));
  expect(answerOf(await client.broadcasts()).map(({ at, kind }) => [at, kind])).toEqual([
    ['2021-07-24T20:30:00+08:00', 'notice'],
    ['2021-07-24T16:30:00+08:00', 'activation'],
  ]);
});
