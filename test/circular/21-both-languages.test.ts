import { expect, test } from 'vitest';
import { openExchange } from '../../src/client/exchange.ts';
import { answerOf, maker, rehearsalDay } from '../support/circular-day.ts';

test.each([
  ['en-GB,en;q=0.8', 'en', 'Not open now'],
  ['zh-HK', 'zh-Hant', '現時並未開放'],
  ['', 'en', 'Not open now'],
])('circular row 36: asked in "%s" it answers in %s, and carries both', async (language, tag, title) => {
  await using day = await rehearsalDay();
  const exchange = openExchange(day.harness.addresses.line, day.harness.ca);
  const headers = { 'content-type': 'application/json', 'accept-language': language };
  const body = Buffer.from(JSON.stringify(maker('B09901')));
  const reply = await exchange.send({ method: 'POST', path: '/ccass/v1/session', headers, body, attempts: 1 });
  exchange.close();
  expect([reply.status, reply.headers['content-language']]).toEqual([423, tag]);
  const problem = JSON.parse(reply.body.toString());
  expect(problem.title).toBe(title);
  expect(problem.detail).toBe(tag === 'en' ? problem.words.detail.en : problem.words.detail.zh);
  expect([problem.words.detail.en, problem.words.detail.zh]).toEqual([
    expect.stringContaining('2021-07-24 16:30'),
    expect.stringMatching(/\p{Script=Han}.*2021-07-24 16:30/u),
  ]);
});

test('circular row 36: names and notices come in both', async () => {
  await using day = await rehearsalDay();
  await day.at('2021-07-24T16:30');
  const client = day.tooling();
  const on = answerOf(await client.logOn(maker('B09901')));
  const [notice] = answerOf(await client.broadcasts());
  const [balance] = answerOf(await client.stockBalances()).rows;
  const { participant } = answerOf(await client.profile());
  for (const words of [on.rehearsalSession?.name, notice?.subject, notice?.text, balance?.name, participant.name]) {
    expect(words?.en).toMatch(/^[ -~]+$/);
    expect(words?.zh).toMatch(/\p{Script=Han}/u);
  }
});
