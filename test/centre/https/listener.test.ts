import { once } from 'node:events';
import { type ConnectionOptions, connect } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { helloOf } from '../../../src/centre/https/connection.ts';
import {
  answerOf,
  client,
  closeOf,
  endOf,
  GET,
  hasOpenssl,
  openDoor,
  openingOf,
  rawClient,
  sClient,
} from '../../support/door.ts';

describe.each(['direct', 'line'] as const)('%s', (via) => {
  test('TLS 1.2 with a trusted certificate succeeds, and what the client offered is noted', async () => {
    const offered: unknown[] = [];
    await using door = await openDoor({
      via,
      onRequest(request, response) {
        offered.push(helloOf(request.socket)?.sni);
        response.end('good day');
      },
    });
    const socket = client(door, { servername: 'ccass.harness.test', ALPNProtocols: ['h2', 'http/1.1'] });
    await once(socket, 'secureConnect');
    expect([socket.authorized, socket.getProtocol(), socket.alpnProtocol]).toEqual([true, 'TLSv1.2', 'http/1.1']);
    expect(socket.getPeerCertificate().subject.CN).toBe('primary ccass-harness');
    expect(await answerOf(socket, `${GET.slice(0, -2)}Connection: close\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 200 OK.*good day$/s,
    );

    const { connection } = await door.noted('connected');
    expect(connection).toMatchObject({ number: 1, via, address: '127.0.0.1', since: 0 });
    const shake = await door.noted('handshake');
    expect(shake).toMatchObject({ protocol: 'TLSv1.2', alpn: 'http/1.1', resumed: false });
    expect(shake.cipher).toMatch(/^ECDHE-ECDSA-.*GCM|CHACHA20/);
    expect(shake.hello).toMatchObject({ sni: 'ccass.harness.test', alpn: ['h2', 'http/1.1'] });
    expect(shake.hello?.versions).toEqual(['TLSv1.3', 'TLSv1.2']);
    expect(offered).toEqual(['ccass.harness.test']);
    expect(await door.noted('closed')).toMatchObject({ how: 'closed', secured: true, requests: 1 });
    expect([door.doorway.size(), door.doorway.connections()]).toEqual([0, []]);
  });

  test.skipIf(!hasOpenssl).each([
    ['-tls1', ['TLSv1'], /old TLS version only \(TLSv1\)/],
    ['-tls1_1', ['TLSv1.1'], /old TLS version only \(TLSv1\.1\)/],
    ['-tls1_3', ['TLSv1.3'], /TLS 1\.3 only/],
  ])('openssl %s is refused by the server, with protocol_version', async (version, versions, cause) => {
    await using door = await openDoor({ via });
    const suites = version === '-tls1_3' ? [] : ['-cipher', 'DEFAULT@SECLEVEL=0'];
    const said = await sClient(door.port, [version, '-servername', 'localhost', ...suites]);
    expect(said).toMatch(/alert protocol version.*SSL alert number 70/s);
    const refused = await door.noted('refused');
    expect(refused.code).toBe('NO_COMMON_VERSION');
    expect(refused.hello).toMatchObject({ versions, sni: 'localhost' });
    expect(refused.cause.en).toMatch(cause);
    expect(await door.noted('closed')).toMatchObject({ how: 'refused', secured: false });
  });

  test.each([
    [{ minVersion: 'TLSv1.3' }, 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'NO_COMMON_VERSION'],
    [{ maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA' }, 'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE', 'NO_COMMON_CIPHER'],
    [{ ALPNProtocols: ['h2'] }, null, 'NO_COMMON_ALPN'],
  ] satisfies [ConnectionOptions, string | null, string][])(
    'a client with %o is refused',
    async (options, seen, code) => {
      await using door = await openDoor({ via });
      const end = await endOf(client(door, options));
      if (seen) expect(end).toBe(seen);
      expect((await door.noted('refused')).code).toBe(code);
    },
  );

  test.skipIf(!hasOpenssl)('a client that does not trust the CA sends an alert, which is noted', async () => {
    await using door = await openDoor({ via });
    await sClient(door.port, ['-tls1_2', '-verify_return_error', '-verify', '3']);
    const refused = await door.noted('refused');
    expect(refused.code).toBe('CA_NOT_TRUSTED');
    expect(refused.remedy.en).toMatch(/ca\.pem/);
  });

  test('plain HTTP gets the answer to use https', async () => {
    await using door = await openDoor({ via });
    const { socket, over } = rawClient(door.port, GET);
    const { text, error } = await over;
    expect(error).toBeNull();
    expect(text).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n.*plain HTTP.*https:\/\//s);
    expect(socket.bytesRead).toBeLessThan(1_000);
    expect(await door.noted('refused')).toMatchObject({ code: 'PLAIN_HTTP', hello: null });
    expect(await door.noted('closed')).toMatchObject({ how: 'refused' });
  });

  test('garbage is closed and noted', async () => {
    await using door = await openDoor({ via });
    await rawClient(door.port, 'SSH-2.0-OpenSSH_9.2p1\r\n').over;
    expect(await door.noted('refused')).toMatchObject({ code: 'NOT_TLS', hello: null });
    await door.noted('closed');
  });

  test('silence is closed and noted', async () => {
    await using door = await openDoor({ via, doorway: { firstByteMs: 20 } });
    await rawClient(door.port).over;
    expect(await door.noted('refused')).toMatchObject({ code: 'HANDSHAKE_TIMEOUT', hello: null });
    await door.noted('closed');
  });

  test('a cut resets every connection', async () => {
    await using door = await openDoor({ via });
    const secured = client(door);
    await once(secured, 'secureConnect');
    const silent = rawClient(door.port);
    await door.noted('connected', 2);
    await door.noted('handshake');
    expect(door.doorway.size()).toBe(2);
    const ends = Promise.all([endOf(secured), silent.over]);
    door.doorway.cut();
    const [end, { error }] = await ends;
    expect([end, error]).toEqual(['ECONNRESET', 'ECONNRESET']);
    expect([await door.noted('closed'), await door.noted('closed', 2)]).toMatchObject([{ how: 'cut' }, { how: 'cut' }]);
    expect(door.events.some(({ kind }) => kind === 'refused')).toBe(false);
  });

  test('a client that has sent everything and closed its half still gets its answer', async () => {
    await using door = await openDoor({ via });
    const socket = client(door, { allowHalfOpen: true } as ConnectionOptions);
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
  await using door = await openDoor();
  const said = await sClient(door.port, ['-tls1_2'], 'R\n');
  expect(said).toContain('RENEGOTIATING');
  expect(said).toMatch(/no renegotiation/);
  expect(door.events.filter(({ kind }) => kind === 'handshake')).toHaveLength(1);
});

describe('ClientHellos that arrive in pieces or not at all', () => {
  const captured = openingOf((port) =>
    connect({ host: '127.0.0.1', port, servername: 'orp.harness.test' }).on('error', () => undefined),
  );

  test('two segments are joined before TLS gets them', async () => {
    await using door = await openDoor();
    const hello = await captured;
    const { socket } = rawClient(door.port, hello.subarray(0, 50));
    socket.setNoDelay(true);
    await door.noted('connected');
    socket.write(hello.subarray(50));
    await once(socket, 'data'); // the server's half of the handshake
    socket.end();
    const refused = await door.noted('refused');
    expect(refused).toMatchObject({ code: 'CLOSED_IN_HANDSHAKE', hello: { sni: 'orp.harness.test' } });
    expect(refused.cause.en).toMatch(/during the handshake/);
  });

  test('a handshake that stops half-way is closed in time', async () => {
    await using door = await openDoor({ handshakeTimeoutMs: 30 });
    const { over } = rawClient(door.port, await captured);
    await over;
    expect(await door.noted('refused')).toMatchObject({
      code: 'HANDSHAKE_TIMEOUT',
      hello: { sni: 'orp.harness.test' },
    });
  });

  test('a ClientHello that breaks off is noted as closed before a complete one', async () => {
    await using door = await openDoor();
    rawClient(door.port, (await captured).subarray(0, 50)).socket.end();
    const refused = await door.noted('refused');
    expect([refused.code, refused.hello]).toEqual(['CLOSED_IN_HANDSHAKE', null]);
  });

  test('a probe that connects and disconnects is closed without a refusal', async () => {
    await using door = await openDoor();
    rawClient(door.port).socket.end();
    expect(await door.noted('closed')).toMatchObject({ how: 'closed', secured: false, requests: 0 });
    expect(door.events.map(({ kind }) => kind)).toEqual(['connected', 'closed']);
  });

  test('a record that never ends goes to TLS after 16 KiB', async () => {
    await using door = await openDoor({ handshakeTimeoutMs: 30 });
    const endless = Buffer.alloc(40_000);
    endless.set([22, 3, 1, 0x40, 0, 1, 0, 0xff, 0xff]);
    await rawClient(door.port, endless).over;
    expect((await door.noted('refused')).hello).toBeNull();
  });
});

describe('limits of one address', () => {
  test('connections: one too many is reset, and a close frees a place', async () => {
    await using door = await openDoor({ doorway: { connectionsPerAddress: 2 } });
    const clients = [rawClient(door.port), rawClient(door.port)];
    await door.noted('connected', 2);
    expect((await rawClient(door.port).over).error).toBe('ECONNRESET');
    expect(await door.noted('refused')).toMatchObject({ code: 'TOO_MANY_CONNECTIONS', connection: { number: 3 } });
    clients[0]?.socket.destroy();
    await door.noted('closed', 2);
    const socket = client(door);
    await once(socket, 'secureConnect');
    socket.destroy();
    clients[1]?.socket.destroy();
  });

  test('handshakes: those that are done do not count', async () => {
    await using door = await openDoor({ doorway: { handshakesPerAddress: 2 } });
    const secured = [client(door), client(door)];
    await Promise.all(secured.map((socket) => once(socket, 'secureConnect')));
    await door.noted('handshake', 2);
    const waiting = [rawClient(door.port), rawClient(door.port)];
    await door.noted('connected', 4);
    expect((await rawClient(door.port).over).error).toBe('ECONNRESET');
    expect(await door.noted('refused')).toMatchObject({ code: 'TOO_MANY_HANDSHAKES' });
    for (const { socket } of waiting) socket.destroy();
    for (const socket of secured) socket.destroy();
    await door.noted('closed', 5);
    expect(door.doorway.size()).toBe(0);
    const again = client(door);
    await once(again, 'secureConnect');
    again.destroy();
  });

  test('the line and the direct port count together', async () => {
    await using door = await openDoor({ doorway: { connectionsPerAddress: 1 } });
    const first = rawClient(door.port);
    await door.noted('connected');
    expect((await rawClient(door.line.port).over).error).toBe('ECONNRESET');
    expect(await door.noted('refused')).toMatchObject({ code: 'TOO_MANY_CONNECTIONS', connection: { via: 'line' } });
    first.socket.destroy();
  });
});
