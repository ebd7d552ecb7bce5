import { expect, test } from 'vitest';
import { answerOf, maker, outcome, rehearsalDay } from '../support/circular-day.ts';

test('circular row 17: session 1 is open from 16:30 until just before 18:30 (NOT_OPEN)', async () => {
  await using day = await rehearsalDay();
  const client = day.tooling();
  const at = async (time: string) => {
    await day.at(time);
    return outcome(await client.logOn(maker('B09901', { takeOver: true })));
  };
  expect(await at('2021-07-24T16:29:59')).toBe('423 NOT_OPEN');
  expect(await at('2021-07-24T16:29:59.999')).toBe('423 NOT_OPEN');
  expect(await at('2021-07-24T16:30:00')).toBe('201');
  expect(await at('2021-07-24T18:29:59.999')).toBe('201');
  expect(outcome(await client.profile())).toBe('200');
  expect(await at('2021-07-24T18:30:00')).toBe('423 NOT_OPEN');
  for (const answer of [
    await client.profile(),
    await client.stockBalances(),
    await client.reports(),
    await client.logOff(),
  ]) {
    expect(outcome(answer)).toBe('423 NOT_OPEN');
  }
});

test('circular row 17: the line is switched to the backup centre at 16:30, not before', async () => {
  await using day = await rehearsalDay();
  const client = day.tooling();
  await day.at('2021-07-24T16:29:59.999');
  expect(answerOf(await client.centre())).toMatchObject({ centre: 'primary', active: true, release: null });
  await day.at('2021-07-24T16:30');
  expect(answerOf(await client.centre())).toMatchObject({ centre: 'backup', active: true, release: 'upgraded' });
  expect(answerOf(await day.tooling({ centre: 'primary' }).centre())).toMatchObject({
    centre: 'primary',
    active: false,
  });
});

test('circular row 17: the refusal says for how long, in seconds of market time and in words', async () => {
  await using day = await rehearsalDay();
  const refused = await day.tooling().logOn(maker('B09901'));
  if (refused.ok) throw new Error('it is closed');
  expect(refused.refusal.retryAt).toBe(Date.parse('2021-07-24T16:30:00+08:00'));
  expect(refused.refusal.detail.en).toContain('opens at the backup centre 2021-07-24 16:30 HKT (Session 1)');
});
