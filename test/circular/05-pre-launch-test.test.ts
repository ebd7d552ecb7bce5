import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { answerOf, granted, maker, outcome, rehearsalDay } from '../support/circular-day.ts';

test('circular row 8: the pre-launch test of 14 August can be played, and service goes on as usual on Monday 16 August', async () => {
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
  await day.at('2021-08-16T08:00');
  expect(answerOf(await client.logOn(maker('B09901')))).toMatchObject({ centre: 'primary', rehearsalSession: null });
});

test('circular row 8: every time in its file is marked as assumed: the circular names the day only', () => {
  const file = readFileSync(new URL('../../fixtures/rehearsals/2021-08-14.json', import.meta.url), 'utf8');
  const marks = [...file.matchAll(/"status": "(\w+)"/g)].map(([, status]) => status);
  expect(marks.length).toBeGreaterThan(5);
  expect(new Set(marks)).toEqual(new Set(['assumed']));
});
