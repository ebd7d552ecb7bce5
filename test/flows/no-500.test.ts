import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { instant } from '../../src/domain/calendar/calendar.ts';
import { startHarness } from '../../src/harness/harness.ts';
import type { Harness } from '../../src/harness/options.ts';
import { type Client, clientOf } from '../support/client.ts';
import { FULL } from '../support/rehearsal.ts';
import { type SampleSchema, samples } from '../support/schema-samples.ts';

/** Requests of each route. */
const TRIES = FULL ? 300 : 20;

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly schema: SampleSchema;
}
interface Document {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components?: { readonly schemas?: Record<string, SampleSchema> };
}
interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Record<string, { readonly schema?: SampleSchema }> };
}
interface Route {
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly body: SampleSchema | null;
}

let harness: Harness;
let clients: Record<string, Client>;
let routes: Record<string, readonly Route[]>;

beforeAll(async () => {
  harness = await startHarness({ rehearsal: 'always-open', at: instant('2021-07-26T10:00'), clock: 'frozen', seed: 7 });
  const { addresses, ca, demo, orp, rap } = harness;
  const client = () => clientOf({ url: addresses.line, ca });
  clients = { ccass: client(), rap: client(), orp: client() };
  const logon = async (service: string, body: object) => {
    const answer = await clients[service]?.ask(`/${service}/v1/session`, { method: 'POST', body });
    if (clients[service]) clients[service].token = answer?.json<{ token: string }>().token;
  };
  await logon('ccass', { ...demo, channel: 'C3T' });
  await logon('rap', { participant: rap.user, password: rap.password });
  await logon('orp', { ...orp });
  routes = {};
  for (const [service, one] of Object.entries(clients))
    routes[service] = routesOf((await one.ask(`/${service}/v1/openapi.json`)).json());
  routes.admin = routesOf((await (await fetch(`${addresses.admin}/openapi.json`)).json()) as Document);
});
afterAll(async () => {
  for (const client of Object.values(clients)) client.close();
  await harness.stop();
});

/** The document without references: samples are drawn of what they lead to. */
function withoutReferences(document: Document): Document {
  const { schemas = {} } = document.components ?? {};
  const resolved = (_key: string, value: unknown): unknown => {
    const reference = typeof value === 'object' && value !== null && '$ref' in value ? String(value.$ref) : null;
    return reference === null ? value : schemas[reference.replace('#/components/schemas/', '')];
  };
  return JSON.parse(JSON.stringify({ paths: document.paths }, resolved));
}

function routesOf(described: Document): Route[] {
  const document = withoutReferences(described);
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody }]) => ({
      ...{ method: method.toUpperCase(), path, parameters },
      body: requestBody?.content['application/json']?.schema ?? null,
    })),
  );
}

/** A request of this route: its URL and body. */
function requestOf({ path, parameters, body }: Route): fc.Arbitrary<{ readonly url: string; readonly body: unknown }> {
  const values = fc.record(Object.fromEntries(parameters.map(({ name, schema }) => [name, samples(schema)])), {
    requiredKeys: parameters.filter((one) => one.in === 'path').map(({ name }) => name),
  });
  return fc.tuple(values, body ? samples(body) : fc.constant(undefined)).map(([given, sent]) => {
    const query = new URLSearchParams();
    let url = path;
    for (const { name, in: place } of parameters) {
      const value = given[name];
      if (value === undefined) continue;
      const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
      if (place === 'path') url = url.replace(`{${name}}`, encodeURIComponent(text.toWellFormed()) || '-');
      else if (place === 'query') query.append(name, text);
    }
    return { url: query.size > 0 ? `${url}?${query}` : url, body: sent };
  });
}

/** What would end or stop the harness for the requests that follow, or take it into the year 275760. */
const LEFT_OUT = (method: string, path: string) =>
  path.endsWith('/follow') ||
  (method !== 'GET' && /\/(session|password)$|\/v1\/(clock|failover|lag|reset|restore)$/.test(path));

describe('no request makes a 500', () => {
  test.each(['ccass', 'rap', 'orp', 'admin'])(
    '%s: each route, with values that only look right',
    { timeout: 300_000 },
    async (service) => {
      for (const route of routes[service] ?? []) {
        if (LEFT_OUT(route.method, route.path)) continue;
        await fc.assert(
          fc.asyncProperty(requestOf(route), async ({ url, body }) => {
            const [status, text] = await answerTo(service, route.method, url, body);
            expect([route.method, url, body, status === 500 ? text : 'no 500']).toEqual([
              route.method,
              url,
              body,
              'no 500',
            ]);
            // Whatever is refused says why, in the one form.
            if (status >= 400 && route.method !== 'HEAD')
              expect(JSON.parse(text)).toMatchObject({ status, code: expect.stringMatching(/^[A-Z_]+$/) });
          }),
          { numRuns: TRIES },
        );
      }
    },
  );
});

async function answerTo(
  service: string,
  method: string,
  url: string,
  body: unknown,
): Promise<readonly [number, string]> {
  const json = body === undefined ? {} : { body: body as object };
  if (service !== 'admin') {
    const answer = await clients[service]?.ask(url, { method, ...json });
    return [answer?.status ?? 0, String(answer?.body)];
  }
  const init =
    body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  const answer = await fetch(`${harness.addresses.admin}${url}`, { method, ...init });
  return [answer.status, await answer.text()];
}

test.each(['ccass', 'rap', 'orp'])('%s: no body, or an empty one, of whatever type, is no 500', async (service) => {
  for (const { method, path } of routes[service] ?? []) {
    if (LEFT_OUT(method, path) || method === 'GET' || method === 'HEAD') continue;
    for (const type of [null, 'application/json', 'text/csv', 'text/plain', 'multipart/form-data', 'nonsense'])
      for (const body of [undefined, '', ' '] as const) {
        const answer = await clients[service]?.ask(path.replaceAll(/\{\w+\}/g, 'X'), {
          method,
          ...(body !== undefined && { body }),
          headers: type === null ? {} : { 'content-type': type },
        });
        expect([method, path, type, body, answer?.status === 500]).toEqual([method, path, type, body, false]);
      }
  }
});

describe('a form that is broken is refused, and is no 500', () => {
  const settings = JSON.stringify({ path: 'C', account: 'HK B09901 MA1' });
  const part = (disposition: string, text: string) =>
    `--b\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n${text}\r\n`;
  const FORMS: Record<string, string> = {
    empty: '',
    'only an end': '--b--\r\n',
    'without its end': part('name="settings"', settings),
    'cut in a header': '--b\r\nContent-Dispo',
    'cut in a file': `${part('name="settings"', settings)}--b\r\nContent-Disposition: form-data; name="trades"; filename="t.csv"\r\n\r\nhalf`,
    'without a name': `${part('x', settings)}--b--\r\n`,
    'with a header that is none': '--b\r\n\u0000\u0001: \r\n\r\nx\r\n--b--\r\n',
    'with a header too long': `--b\r\nContent-Disposition: form-data; name="${'x'.repeat(100_000)}"\r\n\r\nx\r\n--b--\r\n`,
    'with settings of a mebibyte and more': `${part('name="settings"', 'x'.repeat(1_200_000))}--b--\r\n`,
    'with settings that are not JSON': `${part('name="settings"', '{')}${part('name="trades"; filename="t.csv"', 'a')}--b--\r\n`,
    'with settings that are null': `${part('name="settings"', 'null')}${part('name="trades"; filename="t.csv"', 'a')}--b--\r\n`,
    'with settings called __proto__': `${part('name="__proto__"', '{}')}--b--\r\n`,
    'of a thousand fields': `${part('name="settings"', settings).repeat(1000)}--b--\r\n`,
    'with another boundary': `--c\r\n\r\n--c--\r\n`,
    'that is no form': 'hello',
  };
  const TYPES = [
    'multipart/form-data; boundary=b',
    'multipart/form-data',
    'multipart/form-data; boundary=',
    'multipart/form-data; boundary="',
  ];

  test.each(['/orp/v1/simulations', '/ccass/v1/batches'])('%s', async (path) => {
    const client = clients[path.split('/')[1] ?? ''];
    for (const [name, text] of Object.entries(FORMS)) {
      for (const type of TYPES) {
        const answer = await client?.ask(path, {
          method: 'POST',
          body: Buffer.from(text),
          headers: { 'content-type': type },
        });
        const shown = [name, type, answer?.status];
        // A whole form with one file is an upload, whatever else it has.
        if (
          path.endsWith('/batches') &&
          [200, 202].includes(answer?.status ?? 0) &&
          text.endsWith('--b--\r\n') &&
          text.includes('filename')
        )
          continue;
        expect([shown, [400, 413, 415, 422].includes(answer?.status ?? 0)]).toEqual([shown, true]);
        expect([...shown, answer?.json()]).toMatchObject([...shown, { code: expect.stringMatching(/^[A-Z_]+$/) }]);
      }
    }
  });
});
