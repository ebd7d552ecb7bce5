import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { answerOf, batchFile, granted, maker, outcome, rehearsalDay } from '../support/circular-day.ts';
import { clientOf } from '../support/client.ts';

const fixture = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`../../fixtures/market/${name}.json`, import.meta.url), 'utf8'));

test('circular row 19: every participant sees its own stock balances', async () => {
  await using day = await rehearsalDay();
  await day.at('2021-07-24T16:30');
  type Holding = { participant: string; account: string; stock: string; quantity: number };
  const { holdings } = fixture<{ holdings: Holding[] }>('holdings');
  for (const id of ['B09901', 'B09902', 'B09903', 'C09901']) {
    const client = day.tooling();
    answerOf(await client.logOn(maker(id)));
    const { rows } = answerOf(await client.stockBalances(7));
    const own = holdings.filter((row) => row.participant === id && row.quantity > 0);
    const key = (row: { account: string; stock: string; quantity: number }) =>
      `${row.account} ${row.stock} ${row.quantity}`;
    expect(rows.map(key)).toEqual(own.map(key).sort());
  }
});

test('circular row 19: every verb is open: profile, balances, instructions, broadcasts, batches, reports, log-off', async () => {
  await using day = await rehearsalDay();
  await day.at('2021-07-24T16:30');
  const client = day.tooling();
  answerOf(await client.logOn(maker('B09901')));
  expect(outcome(await client.uploadBatch(batchFile('2021-07-24', '2021-07-26')))).toBe('202');
  granted(await day.control.clock({ advanceMs: 0 }));
  expect(answerOf(await client.profile())).toMatchObject({
    participant: { type: 'direct-clearing' },
    user: { role: 'maker' },
  });
  expect(answerOf(await client.settlementInstructions()).rows).toMatchObject([
    { number: 'D00000001', status: 'unmatched', settlementDate: '2021-07-26', inputAt: '2021-07-24T16:30:00+08:00' },
    { number: 'D00000002' },
  ]);
  for (const answer of [
    await client.stockBalances(),
    await client.broadcasts(),
    await client.batches(),
    await client.reports(),
  ]) {
    expect([outcome(answer), answer.centre]).toEqual(['200', 'backup']);
  }
  expect(outcome(await client.logOff())).toBe('204');
});

test.each(['16:30', '20:30'])(
  'circular row 19: at %s every route of CCASS is open to a user who is logged on',
  async (time) => {
    await using day = await rehearsalDay();
    await day.at(`2021-07-24T${time}`);
    using client = clientOf({ url: day.harness.addresses.line, ca: day.harness.ca });
    const { paths } = (await client.ask('/ccass/v1/openapi.json')).json<{ paths: Record<string, object> }>();
    const routes = Object.entries(paths).flatMap(([path, verbs]) =>
      Object.keys(verbs).map((verb) => [verb.toUpperCase(), path.replace(/\{\w+\}/g, '1')] as const),
    );
    expect(routes.length).toBeGreaterThan(25);
    // Log-off is the last: nothing else can be tried after it.
    const inOrder = routes.filter(([verb]) => verb !== 'DELETE').concat(routes.filter(([verb]) => verb === 'DELETE'));
    const closed: string[] = [];
    await client.logon({ participant: 'B09901' });
    for (const [method, path] of inOrder.filter(([verb, to]) => verb !== 'POST' || !to.endsWith('/session'))) {
      const { status, headers } = await client.ask(path, { method });
      // Which refusal follows depends on what was sent; these say that the verb is not to be had.
      if ([401, 404, 405, 423, 503].includes(status) && !path.includes('/1'))
        closed.push(`${method} ${path} ${status}`);
      if ([401, 423, 503].includes(status)) closed.push(`${method} ${path} ${status}`);
      expect(headers['x-data-centre']).toBe(time === '16:30' ? 'backup' : 'primary');
    }
    expect(closed).toEqual([]);
  },
);
