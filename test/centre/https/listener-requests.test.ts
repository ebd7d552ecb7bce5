import { once } from 'node:events';
import https from 'node:https';
import { connect } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { answerOf, client, GET, type HttpsListener, openListener, rawClient } from '../../support/https-listener.ts';

describe('requests that cannot be read are answered with a problem and closed', () => {
  const SLOW = { headersTimeout: 30, requestTimeout: 60, connectionsCheckingInterval: 10 };

  async function problemFor(listener: HttpsListener, request: string) {
    const socket = client(listener);
    await once(socket, 'secureConnect');
    const text = await answerOf(socket, request);
    const [head = '', body = '{}'] = text.split('\r\n\r\n');
    expect(head).toMatch(/application\/problem\+json.*connection: close/s);
    return { head, problem: JSON.parse(body) as Record<string, unknown> };
  }

  test.each(['direct', 'line'] as const)('slow headers, %s: 408 (BAD_REQUEST)', async (via) => {
    await using listener = await openListener({ via, http: SLOW });
    const { head, problem } = await problemFor(listener, 'GET / HTTP/1.1\r\nHost: loc');
    expect(head).toMatch(/^HTTP\/1\.1 408 /);
    expect(problem).toMatchObject({ status: 408, code: 'BAD_REQUEST' });
    expect(problem.words).toMatchObject({
      detail: { en: expect.stringMatching(/in time/), zh: expect.stringMatching(/時限/) },
    });
    expect(await listener.noted('unreadable')).toMatchObject({ refusal: { refusal: 'BAD_REQUEST' }, status: 408 });
    expect(await listener.noted('closed')).toMatchObject({ how: 'closed', secured: true });
  });

  test('a slow body: 408', async () => {
    await using listener = await openListener({ http: SLOW, onRequest: (request) => request.resume() });
    const { head } = await problemFor(listener, 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nshort');
    expect(head).toMatch(/^HTTP\/1\.1 408 /);
    expect(await listener.noted('closed')).toMatchObject({ requests: 1 });
  });

  test('not HTTP: 400 (BAD_REQUEST)', async () => {
    await using listener = await openListener();
    const { head, problem } = await problemFor(listener, 'nonsense\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 400 /);
    expect(problem).toMatchObject({ status: 400, code: 'BAD_REQUEST', detail: expect.stringContaining('HPE_') });
  });

  test('headers of 200 KB: 431, and the answer is not lost (TOO_LARGE)', async () => {
    await using listener = await openListener();
    const { head, problem } = await problemFor(listener, `GET / HTTP/1.1\r\nX-Long: ${'x'.repeat(200_000)}\r\n\r\n`);
    expect(head).toMatch(/^HTTP\/1\.1 431 /);
    expect(problem).toMatchObject({ status: 431, code: 'TOO_LARGE' });
    expect(listener.events.filter(({ kind }) => kind === 'unreadable')).toHaveLength(1);
  });

  test('not while an answer is being sent: the connection only closes', async () => {
    await using listener = await openListener({ onRequest: (_request, response) => response.write('begun') });
    const socket = client(listener);
    await once(socket, 'secureConnect');
    socket.once('data', () => socket.write('nonsense\r\n\r\n'));
    expect(await answerOf(socket, GET)).not.toMatch(/problem/);
    await listener.noted('closed');
    expect(listener.events.some(({ kind }) => kind === 'unreadable')).toBe(false);
  });

  test('a reset by the client is noted as such', async () => {
    await using listener = await openListener();
    const { socket } = rawClient(listener.port);
    const over = connect({ socket, ca: listener.ca, servername: 'localhost' });
    over.on('error', () => undefined);
    await once(over, 'secureConnect');
    await listener.noted('handshake');
    socket.resetAndDestroy();
    expect(await listener.noted('closed')).toMatchObject({ how: 'reset', secured: true, requests: 0 });
  });
});

test('a drain lets the request under way finish, closes idle connections and takes new ones', async () => {
  const held = Promise.withResolvers<() => void>();
  await using listener = await openListener({
    onRequest(request, response) {
      if (request.url === '/held') held.resolve(() => response.end('late but whole'));
      else response.end('good day');
    },
  });
  const agent = new https.Agent({ keepAlive: true, ca: listener.ca });
  const ask = async (path: string) => {
    const request = https.get({ host: 'localhost', family: 4, port: listener.port, path, agent });
    const [response] = await once(request, 'response');
    let body = '';
    for await (const chunk of response) body += chunk;
    return { body, connection: response.headers.connection as string, port: request.socket?.localPort };
  };
  const late = ask('/held');
  const release = await held.promise;
  expect((await ask('/')).connection).toBe('keep-alive');
  const unasked = client(listener);
  await once(unasked, 'secureConnect');
  await listener.noted('handshake', 3);

  listener.guard.drain();
  await listener.noted('closed'); // the idle one
  release();
  expect(await late).toMatchObject({ body: 'late but whole', connection: 'close' });
  expect(await answerOf(unasked, GET)).toMatch(/Connection: close.*good day/s);
  await listener.noted('closed', 3);
  expect(await ask('/')).toMatchObject({ body: 'good day', connection: 'keep-alive' });
  agent.destroy();
});

test('a drain answers a request that has arrived and is not read yet', async () => {
  await using listener = await openListener();
  const socket = client(listener);
  await once(socket, 'secureConnect');
  socket.write(GET);
  await once(socket, 'data');
  const answer = answerOf(socket, GET); // in the same turn, so that the server cannot have seen it
  await listener.guard.drain();
  expect(await answer).toMatch(/Connection: close.*good day/s);
  expect(await listener.noted('closed')).toMatchObject({ how: 'drained', requests: 2 });
});

test('a complete request does not time out, however long the answer takes', async () => {
  const asked = Promise.withResolvers<() => void>();
  const stalled = Promise.withResolvers<void>();
  await using listener = await openListener({
    onRequest(request, response) {
      request.resume().once('end', () => {
        // Not before it has arrived: a busy machine may take that long.
        request.socket.setTimeout(20);
        asked.resolve(() => response.end('at last'));
      });
    },
    onServer: (server) => void server.on('timeout', () => stalled.resolve()),
  });
  const socket = client(listener);
  await once(socket, 'secureConnect');
  const answer = answerOf(socket, GET.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'));
  const release = await asked.promise;
  await stalled.promise;
  release();
  expect(await answer).toMatch(/^HTTP\/1\.1 200 .*at last/s);
});

test('a drain closes a connection with an answer under way once the answer ends', async () => {
  const begun = Promise.withResolvers<() => void>();
  await using listener = await openListener({
    onRequest(_request, response) {
      response.write('first half, ');
      begun.resolve(() => response.end('second half'));
    },
  });
  const socket = client(listener);
  await once(socket, 'secureConnect');
  const answer = answerOf(socket, GET);
  const finish = await begun.promise;
  listener.guard.drain();
  finish();
  expect(await answer).toMatch(/first half, .*second half/s);
});
