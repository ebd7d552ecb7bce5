import { expect, test } from 'vitest';
import { openExchange } from '../../src/client/exchange.ts';
import { answerOf, maker, rehearsalDay } from '../support/circular-day.ts';

test('circular row 2: both centres describe the same interface', async () => {
  await using day = await rehearsalDay();
  for (const service of ['ccass', 'rap', 'orp']) {
    const documents: unknown[] = [];
    for (const centre of ['primary', 'backup'] as const) {
      const exchange = openExchange(day.harness.addresses[centre], day.harness.ca);
      const path = `/${service}/v1/openapi.json`;
      const { status, body } = await exchange.send({ method: 'GET', path, attempts: 1 });
      exchange.close();
      expect(status).toBe(200);
      const { servers, ...document } = JSON.parse(body.toString());
      // Each names the address that it was asked at.
      expect(servers).toEqual([{ url: day.harness.addresses[centre] }]);
      documents.push(document);
    }
    const paths = { [`/${service}/v1/session`]: {} };
    expect(documents[0]).toMatchObject({ openapi: expect.stringMatching(/^3\.1/), paths });
    expect(documents[1]).toEqual(documents[0]);
  }
});

test('circular row 2: the answers have the same members before, during and after', async () => {
  await using day = await rehearsalDay({ at: Date.parse('2021-07-23T10:00:00+08:00') });
  const client = day.tooling();
  const shapes: unknown[] = [];
  for (const time of ['2021-07-23T10:00', '2021-07-24T16:30', '2021-07-24T20:30', '2021-07-26T10:00']) {
    await day.at(time);
    const on = answerOf(await client.logOn(maker('B09901')));
    const balances = answerOf(await client.stockBalances());
    const profile = answerOf(await client.profile());
    shapes.push([
      Object.keys(on),
      Object.keys(balances.rows[0] ?? {}),
      Object.keys(profile),
      Object.keys(profile.user),
    ]);
  }
  for (const shape of shapes) expect(shape).toEqual(shapes[0]);
});
