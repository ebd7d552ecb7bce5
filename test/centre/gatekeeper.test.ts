import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { type Connection, Gatekeeper, type GatekeeperOptions } from '../../src/centre/gatekeeper.ts';
import { httpsConnectionOf } from '../../src/centre/https/connection.ts';
import { answerOf, closeOf, GET, type HttpsListener, openListener } from '../support/https-listener.ts';

/** Both ends of a TCP connection in this process, as a relay has them. */
async function socketPair(): Promise<readonly [Socket, Socket]> {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const far = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' });
  const [near] = (await once(server, 'connection')) as [Socket];
  server.close();
  far.on('error', () => undefined);
  return [near, far];
}

describe('an arrival through a relay', () => {
  const hand = async (listener: HttpsListener, address: string, port: number) => {
    const [socket, client] = await socketPair();
    listener.guard.accept({ socket, protocol: 'https', address, port, via: 'line' });
    return client;
  };

  test('has the address that the arrival names, in every event and in its requests', async () => {
    const asked: unknown[] = [];
    await using listener = await openListener({
      centre: 'backup',
      onRequest(request, response) {
        const { id, address, port } = httpsConnectionOf(request.socket) ?? {};
        asked.push({ id, address, port });
        response.end('good day');
      },
    });
    const client = connectTls({
      socket: await hand(listener, '192.0.2.7', 4711),
      ca: listener.ca,
      servername: 'localhost',
    });
    await once(client, 'secureConnect');
    await answerOf(client, GET.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'));
    const { connection } = await listener.noted('closed');
    expect(connection).toMatchObject({ id: 'b-https-1', address: '192.0.2.7', port: 4711, via: 'line' });
    expect(asked).toEqual([{ id: 'b-https-1', address: '192.0.2.7', port: 4711 }]);
  });

  test('counts against that address alone', async () => {
    await using listener = await openListener({ guard: { connectionsPerAddress: 1 } });
    const first = await hand(listener, '192.0.2.7', 1);
    const other = await hand(listener, '192.0.2.8', 2);
    const again = await hand(listener, '192.0.2.7', 3);
    expect(await listener.noted('refused')).toMatchObject({ code: 'TOO_MANY_CONNECTIONS', connection: { port: 3 } });
    await listener.noted('closed');
    expect(listener.guard.connections().map(({ port }) => port)).toEqual([1, 2]);
    for (const client of [first, other, again]) client.destroy();
  });
});

describe('the gatekeeper', () => {
  function keeper(options: Partial<GatekeeperOptions<Connection>> = {}) {
    const said: string[] = [];
    const gatekeeper = new Gatekeeper<Connection>({
      centre: 'primary',
      protocol: 'sftp',
      limits: {},
      handshakeMs: 60_000,
      now: () => 7,
      wallMs: () => 8,
      connected: (connection) => connection,
      refuse: ({ id }, code) => said.push(`${id} ${code}`),
      admit: ({ id }) => said.push(`${id} admitted`),
      cut: ({ raw }) => raw.destroy(),
      closed: ({ id }) => said.push(`${id} closed`),
      ...options,
    });
    const arrive = async (address = '192.0.2.7') => {
      const [socket, far] = await socketPair();
      gatekeeper.accept({ socket, protocol: 'sftp', address, port: 1, via: 'direct' });
      far.resume();
      return far;
    };
    return { gatekeeper, said, arrive };
  }

  test('numbers connections, and is empty once the last is closed', async () => {
    const { gatekeeper, said, arrive } = keeper();
    await gatekeeper.empty();
    await arrive();
    await arrive();
    expect([...gatekeeper.open()].map(({ id, since }) => [id, since])).toEqual([
      ['p-sftp-1', 7],
      ['p-sftp-2', 7],
    ]);
    gatekeeper.cut();
    await gatekeeper.empty();
    expect(said.sort()).toEqual(['p-sftp-1 admitted', 'p-sftp-1 closed', 'p-sftp-2 admitted', 'p-sftp-2 closed']);
    expect(gatekeeper.open().size).toBe(0);
  });

  test('a handshake that is over frees one place, however often that is reported', async () => {
    const { gatekeeper, said, arrive } = keeper({ limits: { handshakesPerAddress: 1 } });
    await arrive();
    for (const connection of gatekeeper.open()) {
      gatekeeper.handshakeOver(connection);
      gatekeeper.handshakeOver(connection);
    }
    await arrive();
    await closeOf(await arrive());
    expect(said.slice(0, 3)).toEqual(['p-sftp-1 admitted', 'p-sftp-2 admitted', 'p-sftp-3 TOO_MANY_HANDSHAKES']);
    gatekeeper.cut();
    await gatekeeper.empty();
  });

  test('a socket that was destroyed before it arrived is not counted', async () => {
    const { gatekeeper, said } = keeper();
    const [socket, far] = await socketPair();
    socket.destroy();
    gatekeeper.accept({ socket, protocol: 'sftp', address: '192.0.2.7', port: 1, via: 'line' });
    expect([gatekeeper.open().size, said]).toEqual([0, []]);
    far.destroy();
  });

  describe('over the limit of handshakes, on loopback,', () => {
    const LIMITS = { handshakesPerAddress: 1, waitingHandshakes: 2 };
    const over = (gatekeeper: Gatekeeper<Connection>, number: number) => {
      for (const connection of gatekeeper.open()) {
        if (connection.number === number) gatekeeper.handshakeOver(connection);
      }
    };

    test('connections wait in order, each address for its own, and one too many is refused (TOO_MANY_HANDSHAKES)', async () => {
      const { gatekeeper, said, arrive } = keeper({ limits: LIMITS });
      await arrive('127.0.0.1');
      await arrive('127.0.0.1');
      await arrive('::1');
      await arrive('127.0.0.1');
      await arrive('127.0.0.1');
      expect(said).toEqual(['p-sftp-1 admitted', 'p-sftp-3 admitted', 'p-sftp-5 TOO_MANY_HANDSHAKES']);
      over(gatekeeper, 3);
      expect(said).toHaveLength(3);
      over(gatekeeper, 1);
      over(gatekeeper, 2);
      expect(said.filter((text) => !text.endsWith('closed')).slice(3)).toEqual([
        'p-sftp-2 admitted',
        'p-sftp-4 admitted',
      ]);
      gatekeeper.cut();
      await gatekeeper.empty();
    });

    test('no connection of another address waits (TOO_MANY_HANDSHAKES)', async () => {
      const { gatekeeper, said, arrive } = keeper({ limits: LIMITS });
      await arrive();
      await closeOf(await arrive());
      expect(said.slice(0, 2)).toEqual(['p-sftp-1 admitted', 'p-sftp-2 TOO_MANY_HANDSHAKES']);
      gatekeeper.cut();
      await gatekeeper.empty();
    });

    test('none waits longer than a handshake may take (TOO_MANY_HANDSHAKES)', async () => {
      const { gatekeeper, said, arrive } = keeper({ limits: LIMITS, handshakeMs: 20 });
      await arrive('127.0.0.1');
      await closeOf(await arrive('127.0.0.1'));
      expect(said.slice(0, 2)).toEqual(['p-sftp-1 admitted', 'p-sftp-2 TOO_MANY_HANDSHAKES']);
      gatekeeper.cut();
      await gatekeeper.empty();
    });

    test('one whose client resets it leaves its place to another', async () => {
      const { gatekeeper, said, arrive } = keeper({ limits: { ...LIMITS, waitingHandshakes: 1 } });
      const first = await arrive('127.0.0.1');
      const second = await arrive('127.0.0.1');
      const [, waiting] = gatekeeper.open();
      const gone = closeOf(waiting?.raw ?? first);
      second.resetAndDestroy();
      await gone;
      await arrive('127.0.0.1');
      expect(said).toEqual(['p-sftp-1 admitted', 'p-sftp-2 closed']);
      first.resetAndDestroy();
      await gatekeeper.empty(50);
      expect(said).toEqual(['p-sftp-1 admitted', 'p-sftp-2 closed', 'p-sftp-3 admitted', 'p-sftp-1 closed']);
      gatekeeper.cut();
      await gatekeeper.empty();
    });

    test('at its turn it is counted: over the limit of connections it is refused (TOO_MANY_CONNECTIONS)', async () => {
      const { gatekeeper, said, arrive } = keeper({ limits: { ...LIMITS, connectionsPerAddress: 1 } });
      const {
        gatekeeper: roomy,
        said: roomySaid,
        arrive: come,
      } = keeper({ limits: { ...LIMITS, connectionsPerAddress: 2 } });
      await arrive('127.0.0.1');
      await arrive('127.0.0.1');
      expect(said).toEqual(['p-sftp-1 admitted', 'p-sftp-2 TOO_MANY_CONNECTIONS']);
      for (let n = 0; n < 3; n++) await come('127.0.0.1');
      over(roomy, 1);
      over(roomy, 2);
      expect(roomySaid).toEqual(['p-sftp-1 admitted', 'p-sftp-2 admitted', 'p-sftp-3 TOO_MANY_CONNECTIONS']);
      for (const one of [gatekeeper, roomy]) {
        one.cut();
        await one.empty();
      }
    });

    test('a cut ends those that wait', async () => {
      const { gatekeeper, said, arrive } = keeper({ limits: LIMITS });
      for (let n = 0; n < 3; n++) await arrive('127.0.0.1');
      gatekeeper.cut();
      await gatekeeper.empty();
      expect(said.toSorted()).toEqual([
        ...['p-sftp-1 admitted', 'p-sftp-1 closed', 'p-sftp-2 closed', 'p-sftp-3 closed'],
      ]);
    });
  });
});
