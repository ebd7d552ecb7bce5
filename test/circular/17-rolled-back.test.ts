import { expect, test } from 'vitest';
import { answerOf, batchFile, granted, maker, outcome, rehearsalDay } from '../support/circular-day.ts';

async function afterSaturday() {
  const day = await rehearsalDay();
  await day.at('2021-07-24T16:30');
  const client = day.tooling();
  answerOf(await client.logOn(maker('B09901')));
  const balances = answerOf(await client.stockBalances()).rows;
  const { reference } = answerOf(await client.uploadBatch(batchFile('2021-07-24', '2021-07-26')));
  granted(await day.control.clock({ advanceMs: 0 }));
  return { day, client, balances, reference };
}

test('circular row 28: on Sunday the version before the upgrade answers, by C3T, to log-on and log-off only', async () => {
  const { day, client } = await afterSaturday();
  await using _ = day;
  await day.at('2021-07-25T10:00');
  const gateway = await client.logOn(maker('B09901', { channel: 'PG' }));
  expect(outcome(gateway)).toBe('423 NOT_OPEN');
  if (gateway.ok) throw new Error('it is open by C3T only');
  expect(gateway.refusal.detail.en).toContain('by channel C3T only');

  const on = answerOf(await client.logOn(maker('B09901')));
  expect(on).toMatchObject({ centre: 'primary', release: 'rolled back', rehearsalSession: { id: 'verification' } });
  expect(answerOf(await client.centre()).release).toBe('rolled back');
  for (const answer of [
    await client.profile(),
    await client.stockBalances(),
    await client.settlementInstructions(),
    await client.broadcasts(),
    await client.uploadBatch(batchFile('2021-07-25', '2021-07-26')),
    await client.batches(),
    await client.reports(),
    await client.download('R00000001'),
  ]) {
    expect(outcome(answer)).toBe('423 NOT_OPEN');
  }
  expect(outcome(await client.logOff())).toBe('204');
});

test('circular row 28: the books go back at 22:30 on Saturday, at both centres', async () => {
  const { day } = await afterSaturday();
  await using _ = day;
  const instructions = async () => {
    const { primary, backup } = granted(await day.control.state({})).centres;
    return [primary.instructions, backup.instructions];
  };
  await day.at('2021-07-24T22:29:59.999');
  expect(await instructions()).toEqual([2, 2]);
  await day.at('2021-07-24T22:30');
  expect(await instructions()).toEqual([0, 0]);
});

test("circular row 28: on Monday the books are as before, and the rehearsal's batch and its ZSICR01 are still readable", async () => {
  const { day, client, balances, reference } = await afterSaturday();
  await using _ = day;
  await day.at('2021-07-26T08:00');
  expect(answerOf(await client.logOn(maker('B09901')))).toMatchObject({
    release: 'production',
    rehearsalSession: null,
  });
  expect(answerOf(await client.stockBalances()).rows).toEqual(balances);
  expect(answerOf(await client.settlementInstructions()).rows).toEqual([]);
  expect(answerOf(await client.batchStatus(reference))).toMatchObject({ status: 'processed', accepted: 2 });
  const reports = answerOf(await client.reports({ id: 'ZSICR01' }));
  expect(reports.map((row) => row.batch)).toEqual([reference, reference]);
  for (const row of reports) expect(answerOf(await client.download(row.reference)).fault).toBeNull();
  // A number that was given once is not given again.
  answerOf(await client.uploadBatch(batchFile('2021-07-26', '2021-07-27')));
  granted(await day.control.clock({ advanceMs: 0 }));
  expect(answerOf(await client.settlementInstructions()).rows.map((row) => row.number)).toEqual([
    'D00000003',
    'D00000004',
  ]);
});
