import { once } from 'node:events';
import { connect } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Harness } from '../../../src/harness/options.ts';
import { batchFile } from '../../support/batch-files.ts';
import { type Batch, type Client, clientOf } from '../../support/client.ts';
import { ofKind } from '../../support/of-kind.ts';
import { answered, batchesDone, inSession1, noted, notedWhere, onTheLine } from '../../support/rehearsal.ts';

/** Malicious or broken clients at a harness with short limits; well-behaved clients must not notice. */
let harness: Harness;
let client: Client;
beforeAll(async () => {
  const limits = {
    // Short enough for the tests that wait for them, long enough for a well-behaved client on a busy machine.
    firstByteMs: 300,
    handshakeMs: 1_000,
    headersMs: 500,
    requestMs: 800,
    stalledMs: 400,
    idleMs: 600,
    checkMs: 20,
  };
  harness = await inSession1({
    limits: { ...limits, connectionsPerAddress: 40, handshakesPerAddress: 20, waitingHandshakes: 0 },
  });
  client = onTheLine(harness);
  await client.logon();
});
afterAll(async () => {
  client.close();
  await harness.stop();
});

async function secured(url = harness.addresses.line): Promise<TLSSocket> {
  const socket = connectTls({
    port: Number(new URL(url).port),
    host: '127.0.0.1',
    ca: harness.ca,
    servername: 'localhost',
  });
  socket.on('error', () => undefined);
  await once(socket, 'secureConnect');
  ports.set(socket, socket.localPort);
  return socket;
}

/** Everything received until the server ends the connection. */
async function untilClosed(socket: TLSSocket): Promise<string> {
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  await new Promise((resolve) => socket.once('close', resolve));
  return text;
}

/** A closed socket no longer has its port. */
const ports = new WeakMap<TLSSocket, number | undefined>();
const closedEntry = (socket: TLSSocket) =>
  notedWhere(harness.control, { kinds: ['closed'] }, ({ detail }) => detail.port === ports.get(socket));
/** The journal's refusal of an unreadable request on this socket, and its answer. */
async function unreadable(socket: TLSSocket) {
  const { connection } = await closedEntry(socket);
  if (connection === null) throw new Error('a closed connection has no name');
  const [refusal] = await noted(harness.control, { kinds: ['refusal'], connection });
  const [answer] = await noted(harness.control, { kinds: ['answer'], connection });
  expect(answer?.request).toBe(refusal?.request);
  return { refusal, answer };
}
const HEAD = 'Host: localhost\r\nContent-Type: application/json\r\n';

describe('closed in bounded time, with the reason, and journalled', () => {
  test('headers that never end', async () => {
    const socket = await secured();
    socket.write('GET /centre HTTP/1.1\r\nHost: localhost\r\nX-Slow: ');
    const drip = setInterval(() => socket.write('x'), 20);
    const text = await untilClosed(socket);
    clearInterval(drip);
    expect(text).toMatch(/^HTTP\/1\.1 408 /);
    expect(await unreadable(socket)).toMatchObject({
      refusal: { via: 'line', detail: { operation: 'unreadable', code: 'BAD_REQUEST' } },
      answer: { detail: { operation: 'unreadable', code: 'BAD_REQUEST', status: 408 } },
    });
  });

  test('a JSON body that arrives byte by byte', async () => {
    const socket = await secured();
    socket.write(`POST /ccass/v1/session HTTP/1.1\r\n${HEAD}Content-Length: 10000\r\n\r\n{`);
    const drip = setInterval(() => socket.write(' '), 20);
    const text = await untilClosed(socket);
    clearInterval(drip);
    expect(text).toMatch(/^HTTP\/1\.1 408 /);
    const { refusal, answer } = await unreadable(socket);
    expect(refusal?.detail).toMatchObject({ operation: 'unreadable', code: 'BAD_REQUEST' });
    expect(answer?.detail).toMatchObject({ operation: 'logon', code: 'BAD_REQUEST', status: 408 });
  });

  test('an upload that arrives byte by byte leaves nothing (UNREADABLE_BODY)', async () => {
    const socket = await secured();
    const { last: after } = answered(await harness.control.journal({ limit: 1 }));
    const batches = async () => (await client.ask('/ccass/v1/batches')).json<{ rows: Batch[] }>().rows;
    const before = await batches();
    socket.write(
      `POST /ccass/v1/batches HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${client.token}\r\nContent-Length: 810\r\n\r\n`,
    );
    const file = batchFile(3);
    let at = 0;
    const drip = setInterval(() => socket.write(file.subarray(at, ++at)), 20);
    await untilClosed(socket);
    clearInterval(drip);
    const broken = await notedWhere(harness.control, { kinds: ['refusal'], participant: 'B09901', after }, () => true);
    expect(broken.detail).toMatchObject({ operation: 'upload', code: 'UNREADABLE_BODY' });
    expect(await batches()).toEqual(before);
  });

  test('an upload that stops in the middle leaves nothing (UNREADABLE_BODY)', async () => {
    const socket = await secured();
    const { last: after } = answered(await harness.control.journal({ limit: 1 }));
    socket.write(
      `POST /ccass/v1/batches HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${client.token}\r\nContent-Length: 810\r\n\r\n0B09901`,
    );
    await untilClosed(socket);
    const broken = await notedWhere(harness.control, { kinds: ['refusal'], participant: 'B09901', after }, () => true);
    expect(broken.detail).toMatchObject({ operation: 'upload', code: 'UNREADABLE_BODY' });
  });

  test('a body that stops before its end: the connection closes', async () => {
    const socket = await secured();
    socket.write(`POST /ccass/v1/session HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked\r\n\r\n5\r\n{"par`);
    await untilClosed(socket);
    expect(await closedEntry(socket)).toMatchObject({ via: 'line', detail: { requests: 1 } });
  });

  test('a secured connection without a request, and one with a single request', async () => {
    const silent = await secured();
    const asked = await secured();
    asked.write('GET /centre HTTP/1.1\r\nHost: localhost\r\n\r\n');
    const [, text] = await Promise.all([untilClosed(silent), untilClosed(asked)]);
    expect(text).toMatch(/^HTTP\/1\.1 200 OK/);
  });

  test('the rest of a refused request is not parsed as the next one', async () => {
    const socket = await secured();
    const smuggled = 'GET /ccass/v1/profile HTTP/1.1\r\nHost: localhost\r\n\r\n';
    socket.write(
      `POST /ccass/v1/batches HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\nContent-Length: ${smuggled.length + 5000}\r\n\r\n${smuggled}`,
    );
    const text = await untilClosed(socket);
    expect(text.match(/^HTTP\/1\.1 /gm)).toHaveLength(1);
    expect(text).toMatch(/^HTTP\/1\.1 401 /);
  });

  test.each([
    ['two lengths', `POST /ccass/v1/session HTTP/1.1\r\n${HEAD}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`],
    [
      'a length and chunks',
      `POST /ccass/v1/session HTTP/1.1\r\n${HEAD}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    ['a header of 200 kB', `GET /centre HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(200_000)}\r\n\r\n`],
    ['HTTP/2 without being asked', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['SSH', 'SSH-2.0-OpenSSH_9.2p1\r\n'],
  ])('%s: refused and closed', async (_, request) => {
    const socket = await secured();
    socket.write(request);
    expect(await untilClosed(socket)).toMatch(/^HTTP\/1\.1 4(00|31) /);
    const { refusal, answer } = await unreadable(socket);
    expect(refusal?.detail.code).toMatch(/^(BAD_REQUEST|TOO_LARGE)$/);
    expect(answer?.detail.status).toBe(refusal?.detail.code === 'TOO_LARGE' ? 431 : 400);
  });
});

test('half-open connections cannot pile up: above the limit they are reset, below it the harness keeps serving', async () => {
  const port = Number(new URL(harness.addresses.line).port);
  const ends: Promise<string>[] = [];
  for (let n = 0; n < 60; n++) {
    const socket = connect(port, '127.0.0.1');
    ends.push(
      new Promise((resolve) => {
        socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
        socket.once('close', () => resolve('closed'));
      }),
    );
  }
  // The first are accepted and time out, the others are turned away.
  const counted = Map.groupBy(await Promise.all(ends), (end) => end);
  expect(counted.get('ECONNRESET')?.length).toBeGreaterThanOrEqual(40);
  expect(counted.get('closed')?.length).toBeGreaterThanOrEqual(1);
  const { entries: all } = answered(await harness.control.journal({ kinds: 'tls-refused', limit: 1000 }));
  const entries = ofKind(all, 'tls-refused');
  expect(new Set(entries.map(({ detail }) => detail.code))).toEqual(
    new Set(
      (['TOO_MANY_HANDSHAKES', 'TOO_MANY_CONNECTIONS', 'HANDSHAKE_TIMEOUT'] as const).filter((code) =>
        entries.some(({ detail }) => detail.code === code),
      ),
    ),
  );
  expect(entries.some(({ detail }) => detail.code === 'TOO_MANY_HANDSHAKES')).toBe(true);
  using other = clientOf({ url: harness.addresses.line, ca: harness.ca });
  expect((await other.ask('/centre')).status).toBe(200);
});

test('a well-behaved client was served all the while, and still is', async () => {
  const answer = await client.upload(batchFile(2, { sequence: '0077' }));
  expect(answer.status).toBe(202);
  await batchesDone(harness.control);
  expect(await client.batch(answer.json<Batch>().reference)).toMatchObject({ status: 'processed', accepted: 2 });
  expect(answered(await harness.control.journal({ kinds: 'error' })).entries).toEqual([]);
});
