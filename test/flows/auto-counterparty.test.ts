import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { instant } from '../../src/domain/calendar/calendar.ts';
import { startHarness } from '../../src/harness/harness.ts';
import type { Harness } from '../../src/harness/options.ts';
import { type Client, PASSWORD } from '../support/client.ts';
import { customMarket, withRules } from '../support/custom-market.ts';
import { answered, noted, onTheLine } from '../support/rehearsal.ts';

/** One participant alone: the auto-counterparty, five minutes of market time later, is the other side of his SIs. */
const alone = () => customMarket({ 'settlement-day.json': withRules({ autoCounterparty: { afterMinutes: 5 } }) });
const start = (folder: string, more: object = {}) =>
  startHarness({ at: instant('2021-07-26T09:00'), clock: 'frozen', market: folder, ...more });
const set = async (harness: Harness, time: string) =>
  answered(await harness.control.clock({ set: `2021-07-26T${time}` }));

const row = (reference: string, more: object = {}) => ({
  ...{ reference, side: 'deliver', stock: '5', quantity: 400, counterparty: 'B09902', account: '01' },
  ...{ payment: 'DVP', currency: 'HKD', amount: '17400.00', settlementDate: '2021-07-26' },
  ...more,
});
async function input(client: Client, ...rows: object[]): Promise<string[]> {
  const answer = await client.ask('/ccass/v1/settlement-instructions', { method: 'POST', body: { rows } });
  return answer.json<{ rows: { number: string }[] }>().rows.map(({ number }) => number);
}
/** The instructions of a participant as he would enquire them: reference, status and quantity. */
async function seen(harness: Harness, participant: string) {
  using client = onTheLine(harness);
  await client.logon({ participant, user: 'CHECK01', password: PASSWORD, takeOver: true });
  return (await client.instructions()).map(({ reference, status, quantity }) => [reference, status, quantity]);
}

test("one participant's instructions match and settle without anybody else", async () => {
  await using market = await alone();
  await using harness = await start(market.folder);
  using client = onTheLine(harness);
  await client.logon();
  const [sell = '', buy = ''] = await input(
    client,
    row('SELL'),
    row('BUY', { side: 'receive', counterparty: 'C09901' }),
  );

  await set(harness, '09:04:59');
  expect(await seen(harness, 'B09902')).toEqual([]);
  const { fired } = await set(harness, '09:05');
  expect(fired.map(({ name }) => name)).toEqual(['Auto-counterparty']);
  expect(await seen(harness, 'B09902')).toEqual([[`AUTO-${sell}`, 'unmatched', 400]]);
  expect(await seen(harness, 'C09901')).toEqual([[`AUTO-${buy}`, 'unmatched', 400]]);
  await set(harness, '10:30');
  expect(await seen(harness, 'B09901')).toEqual([
    ['SELL', 'settled', 400],
    ['BUY', 'settled', 400],
  ]);
  const entries = await noted(harness.control, { kinds: ['instruction'] }, 2);
  expect(entries.at(-1)).toMatchObject({ user: 'AUTO', detail: { act: 'auto-counterparty', accepted: 2, refused: 0 } });
  // No one can log on as it.
  expect((await client.tryLogon({ participant: 'B09902', user: 'AUTO' })).json().code).toBe('BAD_CREDENTIALS');
});

test('an instruction whose opposite a real participant has input is left to him; what is held or changed is followed', async () => {
  await using market = await alone();
  await using harness = await start(market.folder);
  using client = onTheLine(harness);
  using other = onTheLine(harness);
  await client.logon();
  await other.logon({ participant: 'B09902' });
  await input(client, row('REAL'));
  await input(other, row('THEIRS', { side: 'receive', counterparty: 'B09901' }));
  const [changed = ''] = await input(client, row('CHANGED', { quantity: 800 }));
  await set(harness, '09:05');
  const opposite = `AUTO-${changed}`;
  expect(await seen(harness, 'B09902')).toEqual([
    ['THEIRS', 'unmatched', 400],
    [opposite, 'unmatched', 800],
  ]);

  await client.ask(`/ccass/v1/settlement-instructions/${changed}`, { method: 'PATCH', body: { quantity: 1200 } });
  await set(harness, '09:10');
  expect((await seen(harness, 'B09902'))[1]).toEqual([opposite, 'unmatched', 1200]);
  await set(harness, '10:30');
  expect((await seen(harness, 'B09901')).map(([, status]) => status)).toEqual(['settled', 'settled']);
  expect(await seen(harness, 'B09902')).toHaveLength(2);
});

test.each(['drain', 'cut'] as const)('exactly once over a fail-over by %s to and fro', async (mode) => {
  await using market = await alone();
  await using harness = await start(market.folder, { lagMs: mode === 'cut' ? 60_000 : 0 });
  const { control } = harness;
  using client = onTheLine(harness);
  await client.logon();
  const [early = ''] = await input(client, row('EARLY'));
  await set(harness, '09:02');
  await input(client, row('LATER', { quantity: 800 }));
  await set(harness, '09:04');
  answered(await control.failover({ to: 'backup', mode }));
  await set(harness, '09:05');
  expect(await seen(harness, 'B09902')).toEqual([[`AUTO-${early}`, 'unmatched', 400]]);

  // A cut loses the opposite that the lag holds back; the other centre inputs it again, and only once.
  answered(await control.failover({ to: 'primary', mode }));
  await set(harness, '09:30');
  answered(await control.failover({ to: 'backup', mode: 'drain' }));
  await set(harness, '10:30');
  const theirs = await seen(harness, 'B09902');
  expect(theirs.map(([, status, quantity]) => [status, quantity])).toEqual([
    ['settled', 400],
    ['settled', 800],
  ]);
  expect((await seen(harness, 'B09901')).map(([, status]) => status)).toEqual(['settled', 'settled']);
});

test('it goes on after a restart, and is off by default', async () => {
  await using market = await alone();
  const data = await mkdtemp(join(tmpdir(), 'ccass-auto-'));
  {
    await using harness = await start(market.folder, { data });
    using client = onTheLine(harness);
    await client.logon();
    await input(client, row('KEPT'));
  }
  {
    await using harness = await start(market.folder, { data });
    await set(harness, '09:05');
    expect(await seen(harness, 'B09902')).toHaveLength(1);
  }
  await rm(data, { recursive: true });

  await using harness = await startHarness({ at: instant('2021-07-26T09:00'), clock: 'frozen' });
  using client = onTheLine(harness);
  await client.logon();
  await input(client, row('ALONE'));
  await set(harness, '10:30');
  expect(await seen(harness, 'B09902')).toEqual([]);
  expect((await seen(harness, 'B09901'))[0]?.[1]).toBe('unmatched');
});
