import { once } from 'node:events';
import { type ConnectionOptions, connect } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { helloOf } from '../../../src/centre/https/connection.ts';
import {
  answerOf,
  client,
  closeOf,
  endOf,
  firstBytesOf,
  GET,
  hasOpenssl,
  openListener,
  rawClient,
  sClient,
} from '../../support/https-listener.ts';

describe.each(['direct', 'line'] as const)('%s', (via) => {
  test('TLS 1.2 with a trusted certificate succeeds, and what the client offered is noted', async () => {
    const offered: unknown[] = [];
    await using listener = await openListener({
      via,
      onRequest(request, response) {
        offered.push(helloOf(request.socket)?.sni);
        response.end('good day');
      },
    });
    const socket = client(listener, { servername: 'ccass.harness.test', ALPNProtocols: ['h2', 'http/1.1'] });
    await once(socket, 'secureConnect');
    expect([socket.authorized, socket.getProtocol(), socket.alpnProtocol]).toEqual([true, 'TLSv1.2', 'http/1.1']);
    expect(socket.getPeerCertificate().subject.CN).toBe('primary ccass-harness');
    expect(await answerOf(socket, `${GET.slice(0, -2)}Connection: close\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 200 OK.*good day$/s,
    );

    const { connection } = await listener.noted('connected');
    expect(connection).toMatchObject({ number: 1, via, address: '127.0.0.1', since: 0 });
    const shake = await listener.noted('handshake');
    expect(shake).toMatchObject({ protocol: 'TLSv1.2', alpn: 'http/1.1', resumed: false });
    expect(shake.cipher).toMatch(/^ECDHE-ECDSA-.*GCM|CHACHA20/);
    expect(shake.hello).toMatchObject({ sni: 'ccass.harness.test', alpn: ['h2', 'http/1.1'] });
    expect(shake.hello?.versions).toEqual(['TLSv1.3', 'TLSv1.2']);
    expect(offered).toEqual(['ccass.harness.test']);
    expect(await listener.noted('closed')).toMatchObject({ how: 'closed', secured: true, requests: 1 });
    expect([listener.guard.size(), listener.guard.connections()]).toEqual([0, []]);
  });

  test.skipIf(!hasOpenssl).each([
    ['-tls1', ['TLSv1'], /old TLS version only \(TLSv1\)/],
    ['-tls1_1', ['TLSv1.1'], /old TLS version only \(TLSv1\.1\)/],
    ['-tls1_3', ['TLSv1.3'], /TLS 1\.3 only/],
  ])('openssl %s is refused by the server, with protocol_version', async (version, versions, cause) => {
    await using listener = await openListener({ via });
    const suites = version === '-tls1_3' ? [] : ['-cipher', 'DEFAULT@SECLEVEL=0'];
    const said = await sClient(listener.port, [version, '-servername', 'localhost', ...suites]);
    expect(said).toMatch(/alert protocol version.*SSL alert number 70/s);
    const refused = await listener.noted('refused');
    expect(refused.code).toBe('NO_COMMON_VERSION');
    expect(refused.hello).toMatchObject({ versions, sni: 'localhost' });
    expect(refused.cause.en).toMatch(cause);
    expect(await listener.noted('closed')).toMatchObject({ how: 'refused', secured: false });
  });

  test.each([
    [{ minVersion: 'TLSv1.3' }, 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'NO_COMMON_VERSION'],
    [{ maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA' }, 'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE', 'NO_COMMON_CIPHER'],
    [{ ALPNProtocols: ['h2'] }, null, 'NO_COMMON_ALPN'],
  ] satisfies [ConnectionOptions, string | null, string][])(
    'a client with %o is refused',
    async (options, seen, code) => {
      await using listener = await openListener({ via });
      const end = await endOf(client(listener, options));
      if (seen) expect(end).toBe(seen);
      expect((await listener.noted('refused')).code).toBe(code);
    },
  );

  test.skipIf(!hasOpenssl)('a client that does not trust the CA sends an alert, which is noted', async () => {
    await using listener = await openListener({ via });
    await sClient(listener.port, ['-tls1_2', '-verify_return_error', '-verify', '3']);
    const refused = await listener.noted('refused');
    expect(refused.code).toBe('CA_NOT_TRUSTED');
    expect(refused.remedy.en).toMatch(/ca\.pem/);
  });

  test('plain HTTP gets the answer to use https', async () => {
    await using listener = await openListener({ via });
    const { socket, over } = rawClient(listener.port, GET);
    const { text, error } = await over;
    expect(error).toBeNull();
    expect(text).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n.*plain HTTP.*https:\/\//s);
    expect(socket.bytesRead).toBeLessThan(1_000);
    expect(await listener.noted('refused')).toMatchObject({ code: 'PLAIN_HTTP', hello: null });
    expect(await listener.noted('closed')).toMatchObject({ how: 'refused' });
  });

  test('garbage is closed and noted', async () => {
    await using listener = await openListener({ via });
    await rawClient(listener.port, 'SSH-2.0-OpenSSH_9.2p1\r\n').over;
    expect(await listener.noted('refused')).toMatchObject({ code: 'NOT_TLS', hello: null });
    await listener.noted('closed');
  });

  test('silence is closed and noted', async () => {
    await using listener = await openListener({ via, guard: { firstByteMs: 20 } });
    await rawClient(listener.port).over;
    expect(await listener.noted('refused')).toMatchObject({ code: 'HANDSHAKE_TIMEOUT', hello: null });
    await listener.noted('closed');
  });

  test('a cut resets every connection', async () => {
    await using listener = await openListener({ via });
    const secured = client(listener);
    await once(secured, 'secureConnect');
    const silent = rawClient(listener.port);
    await listener.noted('connected', 2);
    await listener.noted('handshake');
    expect(listener.guard.size()).toBe(2);
    const ends = Promise.all([endOf(secured), silent.over]);
    listener.guard.cut();
    const [end, { error }] = await ends;
    expect([end, error]).toEqual(['ECONNRESET', 'ECONNRESET']);
    expect([await listener.noted('closed'), await listener.noted('closed', 2)]).toMatchObject([
      { how: 'cut' },
      { how: 'cut' },
    ]);
    expect(listener.events.some(({ kind }) => kind === 'refused')).toBe(false);
  });

  test('a client that has sent everything and closed its half still gets its answer', async () => {
    await using listener = await openListener({ via });
    const socket = client(listener, { allowHalfOpen: true } as ConnectionOptions);
    await once(socket, 'secureConnect');
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.end(GET);
    await closeOf(socket);
    expect(text).toContain('good day');
  });
});

test.skipIf(!hasOpenssl)('renegotiation is refused', async () => {
  await using listener = await openListener();
  const said = await sClient(listener.port, ['-tls1_2'], 'R\n');
  expect(said).toContain('RENEGOTIATING');
  expect(said).toMatch(/no renegotiation/);
  expect(listener.events.filter(({ kind }) => kind === 'handshake')).toHaveLength(1);
});

describe('ClientHellos that arrive in pieces or not at all', () => {
  const captured = firstBytesOf((port) =>
    connect({ host: '127.0.0.1', port, servername: 'orp.harness.test' }).on('error', () => undefined),
  );

  test('two segments are joined before TLS gets them', async () => {
    await using listener = await openListener();
    const hello = await captured;
    const { socket } = rawClient(listener.port, hello.subarray(0, 50));
    socket.setNoDelay(true);
    await listener.noted('connected');
    socket.write(hello.subarray(50));
    await once(socket, 'data'); // the server's half of the handshake
    socket.end();
    const refused = await listener.noted('refused');
    expect(refused).toMatchObject({ code: 'CLOSED_IN_HANDSHAKE', hello: { sni: 'orp.harness.test' } });
    expect(refused.cause.en).toMatch(/during the handshake/);
  });

  test('a handshake that stops half-way is closed in time', async () => {
    await using listener = await openListener({ handshakeTimeoutMs: 30 });
    const { over } = rawClient(listener.port, await captured);
    await over;
    expect(await listener.noted('refused')).toMatchObject({
      code: 'HANDSHAKE_TIMEOUT',
      hello: { sni: 'orp.harness.test' },
    });
  });

  test('a ClientHello that breaks off is noted as closed before a complete one', async () => {
    await using listener = await openListener();
    rawClient(listener.port, (await captured).subarray(0, 50)).socket.end();
    const refused = await listener.noted('refused');
    expect([refused.code, refused.hello]).toEqual(['CLOSED_IN_HANDSHAKE', null]);
  });

  test('a probe that connects and disconnects is closed without a refusal', async () => {
    await using listener = await openListener();
    rawClient(listener.port).socket.end();
    expect(await listener.noted('closed')).toMatchObject({ how: 'closed', secured: false, requests: 0 });
    expect(listener.events.map(({ kind }) => kind)).toEqual(['connected', 'closed']);
  });

  test('a record that never ends goes to TLS after 16 KiB', async () => {
    await using listener = await openListener({ handshakeTimeoutMs: 30 });
    const endless = Buffer.alloc(40_000);
    endless.set([22, 3, 1, 0x40, 0, 1, 0, 0xff, 0xff]);
    await rawClient(listener.port, endless).over;
    expect((await listener.noted('refused')).hello).toBeNull();
  });
});

describe('limits of one address', () => {
  test('connections: one too many is reset, and a close frees a place', async () => {
    await using listener = await openListener({ guard: { connectionsPerAddress: 2 } });
    const clients = [rawClient(listener.port), rawClient(listener.port)];
    await listener.noted('connected', 2);
    expect((await rawClient(listener.port).over).error).toBe('ECONNRESET');
    expect(await listener.noted('refused')).toMatchObject({ code: 'TOO_MANY_CONNECTIONS', connection: { number: 3 } });
    clients[0]?.socket.destroy();
    await listener.noted('closed', 2);
    const socket = client(listener);
    await once(socket, 'secureConnect');
    socket.destroy();
    clients[1]?.socket.destroy();
  });

  test('handshakes: those that are done do not count', async () => {
    await using listener = await openListener({ guard: { handshakesPerAddress: 2, waitingHandshakes: 0 } });
    const secured = [client(listener), client(listener)];
    await Promise.all(secured.map((socket) => once(socket, 'secureConnect')));
    await listener.noted('handshake', 2);
    const waiting = [rawClient(listener.port), rawClient(listener.port)];
    await listener.noted('connected', 4);
    expect((await rawClient(listener.port).over).error).toBe('ECONNRESET');
    expect(await listener.noted('refused')).toMatchObject({ code: 'TOO_MANY_HANDSHAKES' });
    for (const { socket } of waiting) socket.destroy();
    for (const socket of secured) socket.destroy();
    await listener.noted('closed', 5);
    expect(listener.guard.size()).toBe(0);
    const again = client(listener);
    await once(again, 'secureConnect');
    again.destroy();
  });

  test('the line and the direct port count together', async () => {
    await using listener = await openListener({ guard: { connectionsPerAddress: 1 } });
    const first = rawClient(listener.port);
    await listener.noted('connected');
    expect((await rawClient(listener.line.port).over).error).toBe('ECONNRESET');
    expect(await listener.noted('refused')).toMatchObject({
      code: 'TOO_MANY_CONNECTIONS',
      connection: { via: 'line' },
    });
    first.socket.destroy();
  });
});
