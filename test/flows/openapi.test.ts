import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SERVICES } from '../../src/centre/https/services.ts';
import type { Harness } from '../../src/harness/options.ts';
import { type Client, clientOf } from '../support/client.ts';
import { answered, inSession1, onTheLine } from '../support/rehearsal.ts';

/** What a developer meets who opens the API page, or a client that was generated from the document. */
interface Operation {
  readonly operationId: string;
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly example?: object }>> };
  readonly responses: Readonly<Record<string, { readonly content?: object }>>;
}
interface Document {
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const operationsOf = ({ paths }: Document) =>
  Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({ path, method: method.toUpperCase(), ...operation })),
  );
const exampleOf = ({ requestBody }: Operation) => requestBody?.content['application/json']?.example;

let harness: Harness;
let client: Client;
beforeAll(async () => {
  harness = await inSession1();
  client = onTheLine(harness);
});
afterAll(async () => {
  client.close();
  await harness.stop();
});

const documentOf = async (service: string, from = client) =>
  (await from.ask(`/${service}/v1/openapi.json`)).json<Document>();

describe.each(SERVICES)('/%s/v1', (service) => {
  test('the document names the address that it was asked at', async () => {
    expect((await documentOf(service)).servers).toEqual([{ url: harness.addresses.line }]);
    using direct = clientOf({ url: harness.addresses.backup, ca: harness.ca });
    expect((await documentOf(service, direct)).servers).toEqual([{ url: harness.addresses.backup }]);
  });

  test("the example of log-on logs on, and three clicks on it don't lock the user", async () => {
    const logOn = operationsOf(await documentOf(service)).find(({ operationId }) => operationId === 'logOn');
    const body = exampleOf(logOn as Operation) as object;
    const send = () => client.ask(`/${service}/v1/session`, { method: 'POST', body });
    expect((await send()).status).toBe(201);
    for (let click = 0; click < 5; click++) expect([201, 409]).toContain((await send()).status);
  });

  test('each answer has a status and a media type that the document tells of', async () => {
    await using closed = await inSession1();
    answered(await closed.control.clock({ set: '2021-07-24T18:40' }));
    using toClosed = onTheLine(closed);
    using standby = clientOf({ url: harness.addresses.primary, ca: harness.ca });
    const token = await tokenOf(service);
    const seen = new Set<number>();
    const operations = operationsOf(await documentOf(service));
    const isLast = ({ operationId }: Operation) => operationId === 'logOff';
    for (const operation of [...operations.filter((one) => !isLast(one)), ...operations.filter(isLast)]) {
      const { method, operationId, responses } = operation;
      const path = operation.path
        .replace('{folder}', 'INBOX')
        .replace('{day}', '20210723')
        .replace(/\{\w+\}/g, 'X1');
      const headers = { authorization: `Bearer ${token}` };
      const json = { ...headers, 'content-type': 'application/json' };
      const body = exampleOf(operation);
      const sent = body && { body };
      const answers = [
        await client.ask(path, { method, ...sent }),
        await toClosed.ask(path, { method, ...sent }),
        await standby.ask(path, { method, ...sent }),
        await client.ask(path, { method, headers, ...sent }),
        await client.ask(`${path}?cursor=none&limit=0&unknown=1`, { method, headers, ...sent }),
        ...(method === 'GET' || method === 'HEAD'
          ? []
          : [
              await client.ask(path, { method, headers: json, body: '{' }),
              await client.ask(path, { method, headers: json, body: '{"a":1}' }),
              await client.ask(path, { method, headers: { ...headers, 'content-type': 'image/png' }, body: 'x' }),
            ]),
      ];
      for (const { status, headers: got } of answers) {
        seen.add(status);
        const told = responses[String(status)];
        expect(told, `${operationId} answered ${status}`).toBeDefined();
        const type = got['content-type']?.split(';')[0];
        if (method !== 'HEAD' && type)
          expect(Object.keys(told?.content ?? {}), `${operationId} ${status}`).toContain(type);
      }
    }
    expect([...seen]).toEqual(expect.arrayContaining([200, 400, 401, 423, 503]));
  });
});

/** A new session of the service's demo user. */
async function tokenOf(service: string, of = client): Promise<string> {
  const user = { ccass: { user: 'MAKER01', channel: 'C3T' }, orp: { user: 'RISK01' }, rap: {} }[service];
  const takeOver = service === 'rap' ? {} : { takeOver: true };
  const body = { participant: 'B09901', password: 'Rehearsal-2021', ...user, ...takeOver };
  return (await of.ask(`/${service}/v1/session`, { method: 'POST', body })).json<{ token: string }>().token;
}

test.each([
  ['ccass', 'inputInstructions'],
  ['ccass', 'inputTransfers'],
  ['orp', 'startSimulation'],
])('the example of %s %s does what it says', async (service, id) => {
  await using own = await inSession1();
  using user = onTheLine(own);
  const operation = operationsOf(await documentOf(service)).find(({ operationId }) => operationId === id);
  const headers = { authorization: `Bearer ${await tokenOf(service, user)}` };
  const body = exampleOf(operation as Operation) as object;
  const answer = await user.ask(operation?.path ?? '', { method: 'POST', headers, body });
  expect(answer.status, answer.body.toString()).toBe(service === 'orp' ? 202 : 200);
  if (service === 'ccass') expect(answer.json()).toMatchObject({ done: 1, refused: 0 });
});

test('each operation of control answers its example as the document tells', async () => {
  await using own = await inSession1();
  const document = (await (await fetch(`${own.addresses.admin}/openapi.json`)).json()) as Document;
  expect(document.servers).toEqual([{ url: own.addresses.admin }]);
  for (const operation of operationsOf(document)) {
    const { path, method, operationId, responses } = operation;
    if (operationId === 'follow') continue;
    const body = exampleOf(operation);
    const answer = await fetch(`${own.addresses.admin}${path}`, {
      method,
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const told = `${operationId} answered ${answer.status}: ${await answer.text()}`;
    expect(answer.status, told).not.toBe(400);
    expect(Object.keys(responses), told).toContain(String(answer.status));
  }
});
