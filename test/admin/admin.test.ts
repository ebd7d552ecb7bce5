import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Admin, buildAdmin, startAdmin } from '../../src/admin/admin.ts';
import { CONTROL } from '../../src/control/control.ts';
import { type FakeControl, fakeControl } from '../support/fake-control.ts';

const TOKEN = 'a-token-of-a-test';
let control: FakeControl;
let admin: Admin;

beforeEach(async () => {
  control = fakeControl();
  admin = await startAdmin({ control, host: '127.0.0.1', port: 0, token: TOKEN, version: '1.2.3' });
});
afterEach(() => admin.close());

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: string;
}

/** Unlike fetch, sends any Host and Origin header. */
function send(method: string, path: string, headers: Record<string, string> = {}, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    // Node's client sets no content-length for a DELETE.
    const all = { ...headers, ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }) };
    const outgoing = request(
      { port: admin.port, host: '127.0.0.1', method, path, headers: all, agent: false },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
const json = { 'content-type': 'application/json' };
const problem = (answer: Answer) => ({ status: answer.status, ...JSON.parse(answer.body) });

/** The first event of a stream: where it begins, and the format of its entries. */
const BEGIN = (id: number) => `event: journal\nid: ${id}\ndata: {"format":2}`;

describe('requests', () => {
  it('answers as Control does', async () => {
    const answer = await send('GET', '/v1/state');
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toEqual(JSON.parse(JSON.stringify(await control.state({}))));
  });

  it('answers that it is ready, and its version', async () => {
    expect(await send('GET', '/ready')).toMatchObject({ status: 200, body: '{"ready":true,"version":"1.2.3"}' });
  });

  it('parses integers in a query', async () => {
    control.note('admits', {});
    control.note('admits', {});
    const answer = await send('GET', '/v1/journal?after=1&limit=1&kinds=admits');
    expect(JSON.parse(answer.body).entries.map((entry: { seq: number }) => entry.seq)).toEqual([2]);
  });

  it('needs no body for a request without members', async () => {
    expect(await send('DELETE', '/v1/journal')).toMatchObject({ status: 200, body: '{"cleared":1,"hiddenUpTo":1}' });
  });

  it.each([
    ['GET', '/v1/journal?limit=many', undefined, /limit: got "many", expected integer/],
    ['GET', '/v1/journal?limit=0', undefined, /limit: got 0, expected a number >= 1/],
    ['GET', '/v1/journal?kind=logon', undefined, /unknown field \/kind, expected kinds/],
    [
      'GET',
      '/v1/journal?kinds=logon,log-on',
      undefined,
      /kinds: got "logon,log-on", expected text that matches .*logon\|logoff/,
    ],
    ['GET', '/v1/journal/follow?kinds=log-on', undefined, /kinds: got "log-on", expected text that matches/],
    ['GET', '/v1/state?verbose=1', undefined, /unknown field \/verbose, expected none/],
    ['PUT', '/v1/lag', '{"lagMs":"5"}', /lagMs: got "5", expected integer/],
    ['PUT', '/v1/lag', '{}', /lagMs is missing/],
    ['PUT', '/v1/lag', '[]', /object/],
    ['PUT', '/v1/lag', '{"lagMs":', /JSON/i],
    ['POST', '/v1/failover', '{"to":"moon"}', /to: got "moon", expected one of primary, backup/],
    ['POST', '/v1/failover', '{"to":"backup","fast":true}', /unknown field \/fast, expected to, mode/],
    ['POST', '/v1/clock', '{}', /exactly one of freeze, rate, set, advanceMs, advanceTo/],
    ['POST', '/v1/clock', '{"advanceMs":-1}', /advanceMs.*>= 0/],
    ['POST', '/v1/clock', '{"advanceTo":"lunch"}', /next-opening, next-closing/],
    ['POST', '/v1/broadcasts', '{"subject":{"en":"a","zh":"b"},"text":{"en":"a"}}', /text\/zh is missing/],
    ['DELETE', '/v1/journal', '{"all":true}', /unknown field \/all/],
  ])('%s %s %s: the refusal says what is wrong', async (method, path, body, words) => {
    const answer = await send(method, path, body === undefined ? {} : json, body);
    expect(problem(answer)).toMatchObject({
      status: 400,
      code: 'BAD_REQUEST',
      type: 'urn:ccass-harness:refusal:BAD_REQUEST',
    });
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(problem(answer).detail).toMatch(words);
    const { zh } = problem(answer).words.detail;
    expect(zh).toMatch(/[\u4e00-\u9fff]/);
    expect(zh).not.toMatch(/missing|expected|got|unknown|body|query/);
  });

  it('takes only JSON, up to a size (UNSUPPORTED_MEDIA, TOO_LARGE)', async () => {
    const form = await send('POST', '/v1/failover', { 'content-type': 'text/plain' }, '{"to":"backup"}');
    expect(problem(form)).toMatchObject({ status: 415, code: 'UNSUPPORTED_MEDIA' });
    const large = await send('POST', '/v1/failover', json, JSON.stringify({ to: 'x'.repeat(70_000) }));
    expect(problem(large)).toMatchObject({ status: 413, code: 'TOO_LARGE' });
    expect(problem(large).detail).toBe('A body may have 65536 bytes here. Send less.');
    const file = JSON.stringify({ content: 'x'.repeat(24_000_000) });
    const tooMuch = problem(await send('POST', '/v1/reports', json, file));
    expect([tooMuch.status, tooMuch.detail]).toEqual([
      413,
      'A body may have 22370648 bytes here, a file of 16 MiB in base64. Send less.',
    ]);
    expect((await control.state({})) as object).toMatchObject({ active: 'primary' });
  });

  it('reads a body that is too large to its end, so that the client learns why', async () => {
    const [pieces, piece] = [256, Buffer.alloc(256 * 1024, 'x')];
    const socket = connect(admin.port, '127.0.0.1');
    const errors: Error[] = [];
    socket.on('error', (error) => errors.push(error));
    let received = '';
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      received += chunk;
    });
    const ended = once(socket, 'close');
    const head = [
      'POST /v1/reports HTTP/1.1',
      'Host: localhost',
      'Connection: close',
      'Content-Type: application/json',
    ];
    socket.write([...head, `Content-Length: ${pieces * piece.length}`, '', ''].join('\r\n'));
    for (let n = 0; n < pieces; n++) {
      if (!socket.write(piece)) await Promise.race([once(socket, 'drain'), ended]);
    }
    await ended;
    expect([errors, received.slice(0, 12)]).toEqual([[], 'HTTP/1.1 413']);
  });

  it('refuses in the requested language (ALREADY_ACTIVE)', async () => {
    const headers = { ...json, 'accept-language': 'fr, zh-HK;q=0.9, en;q=0.5' };
    const answer = await send('POST', '/v1/failover', headers, '{"to":"primary"}');
    expect(answer.headers['content-language']).toBe('zh-Hant');
    expect(problem(answer)).toMatchObject({ status: 409, code: 'ALREADY_ACTIVE', title: '該數據中心已在運作' });
    expect(problem(answer).words.title.en).toBe('That data centre is active already');
  });

  it('names the nearest routes for an unknown one, and the methods for a wrong one (NOT_FOUND, METHOD_NOT_ALLOWED)', async () => {
    const missing = await send('GET', '/v1/states?x=1');
    expect(problem(missing)).toMatchObject({ status: 404, code: 'NOT_FOUND' });
    expect(problem(missing).nearest[0]).toBe('/v1/state');
    expect(problem(await send('GET', '/zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz')).detail).toContain('/docs');
    const method = await send('PATCH', '/v1/journal', json, '{}');
    expect(problem(method)).toMatchObject({ status: 405, code: 'METHOD_NOT_ALLOWED' });
    expect(method.headers.allow).toBe('DELETE, GET, HEAD');
  });

  it('refuses a port that is taken', async () => {
    const again = startAdmin({ control, host: '127.0.0.1', port: admin.port, token: TOKEN, version: '0' });
    await expect(again).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});

describe('access', () => {
  const bearer = { authorization: `Bearer ${TOKEN}` };

  it.each([
    'localhost',
    'LOCALHOST:7080',
    '127.0.0.1:7080',
    '127.1.2.3',
    '[::1]:7080',
    'ccass.localhost',
    'localhost.',
  ])('needs no token from this machine for %s', async (host) => {
    expect((await send('GET', '/v1/state', { host })).status).toBe(200);
  });

  it.each([
    'evil.example',
    'localhost.evil.example',
    '10.0.0.1',
    '127.0.0.1.evil.example',
    '128.0.0.1:7080',
    'notlocalhost',
  ])('needs the token for %s, a rebound name (TOKEN_NEEDED)', async (host) => {
    const answer = await send('GET', '/v1/state', { host });
    expect(problem(answer)).toMatchObject({ status: 401, code: 'TOKEN_NEEDED' });
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
    expect((await send('GET', '/v1/state', { host, ...bearer })).status).toBe(200);
    expect((await send('GET', '/v1/state', { host, authorization: 'Bearer nonsense' })).status).toBe(401);
    expect((await send('GET', '/v1/state', { host, authorization: `Basic ${TOKEN}` })).status).toBe(401);
  });

  it.each(['/ready', '/docs', '/openapi.json', '/v1/journal/follow', '/nowhere'])('guards %s too', async (path) => {
    expect((await send('GET', path, { host: 'evil.example' })).status).toBe(401);
  });

  it('needs the token from another machine, even for a loopback name', async () => {
    const app = await buildAdmin({ control, host: '', port: 0, token: TOKEN, version: '0' });
    for (const remoteAddress of ['10.0.0.5', '::ffff:192.168.1.2', 'fe80::1', '2001:db8::1']) {
      const call = { url: '/v1/state', remoteAddress, headers: { host: 'localhost' } };
      expect((await app.inject(call)).statusCode).toBe(401);
      expect((await app.inject({ ...call, headers: { ...call.headers, ...bearer } })).statusCode).toBe(200);
    }
    for (const remoteAddress of ['::1', '::ffff:127.0.0.1', '127.9.9.9']) {
      expect((await app.inject({ url: '/v1/state', remoteAddress, headers: { host: 'localhost' } })).statusCode).toBe(
        200,
      );
    }
    await app.close();
  });

  it.each(['http://evil.example', 'null', 'https://localhost', 'http://localhost:1'])(
    'lets no page from %s change anything, even with the token (FOREIGN_ORIGIN)',
    async (origin) => {
      const headers = { ...json, ...bearer, host: `localhost:${admin.port}`, origin };
      const answer = await send('POST', '/v1/failover', headers, '{"to":"backup"}');
      expect(problem(answer)).toMatchObject({ status: 403, code: 'FOREIGN_ORIGIN' });
      expect((await control.state({})) as object).toMatchObject({ active: 'primary' });
      const same = { ...headers, origin: `http://localhost:${admin.port}` };
      expect((await send('POST', '/v1/failover', same, '{"to":"backup"}')).status).toBe(200);
    },
  );
});

describe('following the journal', () => {
  /** The first `count` events of a stream. */
  async function events(path: string, count: number, headers: Record<string, string> = {}): Promise<string[]> {
    const response = await fetch(admin.url + path, { headers });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (reader && text.split('\n\n').length <= count) text += (await reader.read()).value ?? '';
    await reader?.cancel();
    return text.split('\n\n').filter((event) => event !== '');
  }

  it('starts with a number, then sends each entry with its own', async () => {
    const entry = control.note('error', { what: 'a\nb', says: '' }, 'B09901');
    expect(await events('/v1/journal/follow?after=1', 2)).toEqual([BEGIN(1), `id: 2\ndata: ${JSON.stringify(entry)}`]);
  });

  it('resumes after the Last-Event-ID, which is newer than the query', async () => {
    control.note('admits', {});
    const entry = control.note('admits', {});
    const received = await events('/v1/journal/follow?after=0', 2, { 'last-event-id': '2' });
    expect(received).toEqual([BEGIN(2), `id: 3\ndata: ${JSON.stringify(entry)}`]);
  });

  it('sends every entry to a client whose last number the journal lacks', async () => {
    await control.clearJournal({});
    const entry = control.note('admits', {});
    const received = await events('/v1/journal/follow', 2, { 'last-event-id': '99' });
    expect(received).toEqual([BEGIN(0), `id: 2\ndata: ${JSON.stringify(entry)}`]);
  });

  it('sends the given kinds, from now on', async () => {
    control.note('logoff', {});
    const streaming = events('/v1/journal/follow?kinds=logoff', 2);
    while (control.following === 0) await new Promise(setImmediate);
    control.note('admits', {});
    const entry = control.note('logoff', {});
    expect((await streaming)[1]).toBe(`id: ${entry.seq}\ndata: ${JSON.stringify(entry)}`);
  });

  it('stops with its client, and ends with the server', async () => {
    await events('/v1/journal/follow', 1);
    while (control.following > 0) await new Promise(setImmediate);
    const open = await fetch(`${admin.url}/v1/journal/follow`);
    while (control.following === 0) await new Promise(setImmediate);
    await admin.close();
    await open.text().catch(() => undefined);
    expect(control.following).toBe(0);
  });

  it('refuses what the journal refuses', async () => {
    expect(problem(await send('GET', '/v1/journal/follow?centre=moon'))).toMatchObject({
      status: 400,
      code: 'BAD_REQUEST',
    });
  });
});

describe('OpenAPI', () => {
  it('describes every operation, its request and its answer', async () => {
    const answer = await send('GET', '/openapi.json');
    const document = JSON.parse(answer.body);
    expect(document.openapi).toMatch(/^3\.1/);
    for (const [name, { method, path, request: input }] of Object.entries(CONTROL)) {
      const operation = document.paths[path]?.[method.toLowerCase()];
      expect(operation, name).toMatchObject({ operationId: name });
      const { $ref } = operation.responses['200'].content['application/json'].schema;
      const schema = document.components.schemas[$ref.split('/').at(-1)];
      expect(Object.keys(schema.properties), name).not.toEqual([]);
      const wanted = 'properties' in input ? Object.keys(input.properties) : [];
      if (method === 'GET')
        expect((operation.parameters ?? []).map((each: { name: string }) => each.name)).toEqual(wanted);
      for (const status of ['400', '401', '403', '500'])
        expect(operation.responses[status].content['application/problem+json'], name).toBeDefined();
    }
    expect(document.paths['/v1/journal/follow'].get.responses['200'].content).toHaveProperty('text/event-stream');
    expect(Object.keys(document.paths)).not.toContain('/docs/');
  });

  it('serves a page whose files are all here, and which may fetch nothing from elsewhere', async () => {
    const page = await send('GET', '/docs/');
    expect(page.status).toBe(200);
    const policy = String(page.headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/https?:|\*/);
    const files = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(files.length).toBeGreaterThan(3);
    for (const file of files) {
      const { status } = await send('GET', new URL(file, `${admin.url}/docs/`).pathname);
      expect([file, status]).toEqual([file, 200]);
    }
  });
});
