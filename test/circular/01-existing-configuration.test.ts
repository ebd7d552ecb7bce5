import { expect, test } from 'vitest';
import { answerOf, maker, outcome, rehearsalDay } from '../support/circular-day.ts';

test('circular row 1: one configuration, made before the rehearsal, reaches CCASS wherever it is', async () => {
  await using day = await rehearsalDay();
  const line = day.harness.addresses.line;
  const client = day.tooling();
  const met: (string | null)[] = [];
  expect(outcome(await client.logOn(maker('B09901')))).toBe('423 NOT_OPEN');
  for (const [time, centre] of [
    ['2021-07-24T16:30', 'backup'],
    ['2021-07-24T20:30', 'primary'],
    ['2021-07-25T10:00', 'primary'],
    ['2021-07-26T08:00', 'primary'],
  ] as const) {
    await day.at(time);
    const on = await client.logOn(maker('B09901'));
    expect(answerOf(on).centre).toBe(centre);
    expect(on.certificate).toMatch(new RegExp(`^${centre} `));
    expect(answerOf(await client.centre()).line).toBe(line);
    met.push(on.centre);
  }
  expect(met).toEqual(['backup', 'primary', 'primary', 'primary']);
  expect(day.harness.addresses.line).toBe(line);
});

test('circular row 1: the centre that is not active names the line (CENTRE_STANDBY)', async () => {
  await using day = await rehearsalDay();
  await day.at('2021-07-24T16:30');
  const refused = await day.tooling({ centre: 'primary' }).logOn(maker('B09901'));
  expect([outcome(refused), refused.certificate]).toEqual(['503 CENTRE_STANDBY', expect.stringMatching(/^primary /)]);
  if (refused.ok) throw new Error('it is on standby');
  expect(refused.refusal.detail.en).toContain(day.harness.addresses.line);
});
