import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Harness } from '../../src/harness/options.ts';
import type { Problem } from '../support/client.ts';
import { answered, inSession1, noted } from '../support/rehearsal.ts';

/** What foreign, broken and hostile clients send, as raw bytes. Whoever answers says what is wrong, with a code. */
let harness: Harness;
beforeAll(async () => {
  harness = await inSession1({ limits: { headersMs: 400, checkMs: 20 } });
});
afterAll(() => harness.stop());

const PLACES = ['line', 'primary', 'backup', 'admin'] as const;
type Place = (typeof PLACES)[number];

const HOST = 'Host: localhost\r\n';
const LARGE = 'x'.repeat(80_000);
const JSON_POST = `POST /ccass/v1/session HTTP/1.1\r\n${HOST}Content-Type: application/json\r\n`;
const GET = (headers: string) => `GET /nowhere HTTP/1.1\r\n${headers}\r\n`;

type Case = readonly [what: string, request: string, status: number, code: string, detail?: RegExp];
const CASES: readonly Case[] = [
  ['a request line that is none', 'GARBAGE\r\n\r\n', 400, 'BAD_REQUEST', /not an HTTP\/1\.1 request/],
  ['a version of the future', `GET /centre HTTP/9.9\r\n${HOST}\r\n`, 400, 'BAD_REQUEST'],
  ['HTTP/0.9', 'GET /centre\r\n\r\n', 400, 'BAD_REQUEST', /Send HTTP\/1\.1/],
  ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'BAD_REQUEST'],
  ['another protocol', 'SSH-2.0-OpenSSH_9.2p1\r\n', 400, 'BAD_REQUEST'],
  ['a method that does not exist', `BREW /centre HTTP/1.1\r\n${HOST}\r\n`, 400, 'BAD_REQUEST'],
  ['a method of WebDAV', `PROPFIND /nowhere HTTP/1.1\r\n${HOST}\r\n`, 404, 'NOT_FOUND'],
  ['a header with a blank in its name', GET(`${HOST}A B: c\r\n`), 400, 'BAD_REQUEST'],
  ['a folded header', GET(`${HOST}X: a\r\n b\r\n`), 400, 'BAD_REQUEST'],
  ['line ends without CR', 'GET /centre HTTP/1.1\nHost: localhost\n\n', 400, 'BAD_REQUEST'],
  ['a zero byte', `GET /ce\0ntre HTTP/1.1\r\n${HOST}\r\n`, 400, 'BAD_REQUEST'],
  ['a header of 80 kB', GET(`${HOST}X: ${LARGE}\r\n`), 431, 'TOO_LARGE', /Send fewer or shorter headers/],
  ['a target of 80 kB', `GET /${LARGE} HTTP/1.1\r\n${HOST}\r\n`, 431, 'TOO_LARGE'],
  ['headers that never end', 'GET /centre HTTP/1.1\r\nHost: loc', 408, 'BAD_REQUEST', /did not arrive in time/],
  ['an unknown expectation', GET(`${HOST}Expect: tea\r\n`), 417, 'BAD_REQUEST', /Leave the Expect header out/],
  ['a chunk whose size is none', `${JSON_POST}Transfer-Encoding: chunked\r\n\r\nZZ\r\n`, 400, 'BAD_REQUEST'],
  ['endless chunk extensions', `${JSON_POST}Transfer-Encoding: chunked\r\n\r\n1;${LARGE}\r\n`, 413, 'TOO_LARGE'],
  ['chunks and a length', `${JSON_POST}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}`, 400, 'BAD_REQUEST'],
  ['two lengths', `${JSON_POST}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`, 400, 'BAD_REQUEST'],
  ['a negative length', `${JSON_POST}Content-Length: -2\r\n\r\n{}`, 400, 'BAD_REQUEST'],
  ['a length beyond all numbers', `${JSON_POST}Content-Length: ${'9'.repeat(25)}\r\n\r\n{}`, 400, 'BAD_REQUEST'],
  ['no Host', 'GET /centre HTTP/1.1\r\n\r\n', 400, 'BAD_REQUEST', /no Host header\. Send one/],
  ['an empty Host', GET('Host:\r\n'), 400, 'BAD_REQUEST', /neither a name nor an address/],
  ['two Hosts', GET(`${HOST}hOsT: localhost\r\n`), 400, 'BAD_REQUEST', /2 Host headers\. Send one/],
  ...[
    ...['a@localhost', 'user:secret@localhost', 'local host', 'localhost, other', 'localhost/path', 'local\thost'],
    ...['localhost:', 'localhost:0', 'localhost:65536', 'localhost:99999', 'localhost:80:80', 'localhost:abc', ':7443'],
    ...['localhost:-1', 'http://localhost', '::1', '[::1', '[::1]x', '[zz]', 'h\u00f6st', 'a%20b', '..', '<script>'],
  ].map(
    (host) => [`Host: ${host}`, GET(`Host: ${host}\r\n`), 400, 'BAD_REQUEST', /neither a name nor an addr/] as const,
  ),
  [
    'a whole URL, as to a proxy',
    `GET http://localhost/nowhere HTTP/1.1\r\n${HOST}\r\n`,
    404,
    'NOT_FOUND',
    /GET \/nowhere/,
  ],
  ['one whose authority is no host', `GET http://a@b/nowhere HTTP/1.1\r\n${HOST}\r\n`, 400, 'BAD_REQUEST'],
  ['a URL of another scheme', `GET ftp://localhost/x HTTP/1.1\r\n${HOST}\r\n`, 404, 'NOT_FOUND'],
  ['an asterisk', `OPTIONS * HTTP/1.1\r\n${HOST}\r\n`, 404, 'NOT_FOUND'],
  ['a target without a slash', `GET nowhere HTTP/1.1\r\n${HOST}\r\n`, 400, 'BAD_REQUEST'],
  ['a target that cannot be decoded', `GET /ccass/v1/batches/%zz HTTP/1.1\r\n${HOST}\r\n`, 400, 'BAD_REQUEST'],
  ['an upgrade', GET(`${HOST}Connection: Upgrade\r\nUpgrade: websocket\r\n`), 404, 'NOT_FOUND'],
  ['an upgrade to nothing', GET(`${HOST}Connection: Upgrade\r\nUpgrade: ,,;\r\n`), 404, 'NOT_FOUND'],
  ['CONNECT', 'CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n', 405, 'METHOD_NOT_ALLOWED', /This is no proxy/],
];

function socketTo(place: Place): Socket {
  const port = Number(new URL(harness.addresses[place]).port);
  if (place === 'admin') return connect(port, '127.0.0.1');
  return connectTls({ port, host: '127.0.0.1', ca: harness.ca, servername: 'localhost' });
}

interface Raw {
  readonly status: number;
  readonly headers: Headers;
  readonly problem: Problem;
}

/** Sends bytes; resolves once an answer is whole. */
function send(socket: Socket, request: string): Promise<Raw> {
  return new Promise((resolve, reject) => {
    let text = '';
    socket.on('error', reject);
    socket.once('close', () => reject(new Error(`closed without a whole answer: ${text}`)));
    socket.on('data', (bytes: Buffer) => {
      text += bytes.toString('latin1');
      const [head = '', body] = text.split('\r\n\r\n');
      const [first = '', ...lines] = head.split('\r\n');
      const headers = new Headers(lines.map((line) => line.split(/: ?(.*)/s, 2) as [string, string]));
      if (body === undefined || body.length < Number(headers.get('content-length'))) return;
      const problem = JSON.parse(Buffer.from(body, 'latin1').toString()) as Problem;
      resolve({ status: Number(first.split(' ')[1]), headers, problem });
      socket.destroy();
    });
    socket.write(request, 'latin1');
  });
}

describe.each(PLACES)('at the %s', (place) => {
  for (const [what, request, status, code, detail = /./] of CASES) {
    test(`${what}: is answered with a problem`, async () => {
      const answer = await send(socketTo(place), request);
      expect(answer.status).toBe(status);
      expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
      expect(answer.problem).toMatchObject({
        ...{ type: `urn:ccass-harness:refusal:${code}`, status, code },
        detail: expect.stringMatching(detail),
        words: { detail: { en: expect.stringMatching(detail), zh: expect.stringMatching(/\p{Script=Han}/u) } },
      });
      if (place === 'admin') return;
      expect(answer.headers.get('date')).toBe('Sat, 24 Jul 2021 08:30:00 GMT');
      expect(answer.headers.get('x-data-centre')).toBe(place === 'line' ? 'backup' : place);
      expect(answer.headers.get('x-simulated')).toMatch(/not HKEX/);
    });
  }
});

test.each([
  ['localhost', 200],
  ['LOCALHOST.:7443', 200],
  ['ccass.harness.test', 200],
  ['my_machine:1', 200],
  ['127.0.0.1:65535', 200],
  ['[::1]:7443', 200],
])('Host: %s is one', async (host, status) => {
  const answer = await send(socketTo('line'), `GET /centre HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  expect(answer.status).toBe(status);
});

test('a whole URL leads to its path, and its host counts in place of the header’s, also at the admin’s gate', async () => {
  const centre = await send(socketTo('line'), 'GET https://localhost/centre HTTP/1.1\r\nHost: a@b\r\n\r\n');
  expect([centre.status, centre.problem]).toMatchObject([200, { centre: 'backup' }]);
  const ready = await send(socketTo('admin'), `GET http://localhost/ready?x=1 HTTP/1.1\r\n${HOST}\r\n`);
  expect(ready.status).toBe(200);
  const rebound = await send(socketTo('admin'), `GET http://evil.test/ready HTTP/1.1\r\n${HOST}\r\n`);
  expect([rebound.status, rebound.problem.code]).toEqual([401, 'TOKEN_NEEDED']);
});

test('HTTP/1.0 needs no Host', async () => {
  expect((await send(socketTo('line'), 'GET /centre HTTP/1.0\r\n\r\n')).status).toBe(200);
});

test('after a bad head, what follows on the connection is not taken for a request', async () => {
  const socket = socketTo('line');
  let text = '';
  socket.on('data', (bytes) => {
    text += bytes;
  });
  socket.on('error', () => undefined);
  socket.write(`${GET(`${HOST}${HOST}`)}GET /centre HTTP/1.1\r\n${HOST}\r\n`);
  await new Promise((resolve) => socket.once('close', resolve));
  expect(text.match(/^HTTP\/1\.1 \d+/gm)).toEqual(['HTTP/1.1 400']);
});

test('plain HTTP at a TLS port is told so with a code, and TLS at the admin likewise', async () => {
  const { port } = new URL(harness.addresses.line);
  const plain = await send(connect(Number(port), '127.0.0.1'), `GET /centre HTTP/1.1\r\n${HOST}\r\n`);
  expect(plain.problem).toMatchObject({ status: 400, code: 'BAD_REQUEST', reason: 'PLAIN_HTTP' });
  expect(plain.problem.detail).toMatch(/expected TLS.*https:\/\//);
  expect(plain.headers.get('date')).toBe('Sat, 24 Jul 2021 08:30:00 GMT');
  const hello = await send(socketTo('admin'), '\x16\x03\x01\x00\x05hello');
  expect([hello.status, hello.problem.detail]).toEqual([400, expect.stringMatching(/plain HTTP.*http:\/\//)]);
});

test('the journal has CONNECT and a bad Host of a centre, with their codes', async () => {
  const { last: after } = answered(await harness.control.journal({ limit: 1 }));
  await send(socketTo('line'), 'CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n');
  await send(socketTo('primary'), GET('Host: a@b\r\n'));
  const entries = await noted(harness.control, { kinds: ['answer'], after }, 2);
  expect(entries.map(({ centre, via, detail }) => [centre, via, detail.status, detail.code])).toEqual([
    ['backup', 'line', 405, 'METHOD_NOT_ALLOWED'],
    ['primary', 'direct', 400, 'BAD_REQUEST'],
  ]);
});
