import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { describe, expect, test } from 'vitest';
import type { Harness } from '../../src/harness/options.ts';
import { closeOf } from '../support/https-listener.ts';
import { ofKind } from '../support/of-kind.ts';
import { answered, FULL, inSession1 } from '../support/rehearsal.ts';

/** Another machine than a developer's may be slow: nobody is to be late here. */
const PATIENT = {
  ...{ handshakeMs: 300_000, firstByteMs: 300_000, headersMs: 300_000, requestMs: 300_000 },
  ...{ stalledMs: 300_000, idleMs: 300_000 },
};

/** One client of the line: connects, asks, and keeps the connection. Resolves to the status, or to the error's code. */
function ask(harness: Harness): { readonly socket: TLSSocket; readonly answer: Promise<string> } {
  const { hostname: host, port } = new URL(harness.addresses.line);
  const socket = connectTls({ host, port: Number(port), ca: harness.ca, servername: 'localhost' });
  const answer = new Promise<string>((resolve) => {
    socket.once('data', (bytes) => resolve(bytes.toString('latin1', 9, 12)));
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    socket.once('close', () => resolve('closed'));
  });
  socket.write('GET /centre HTTP/1.1\r\nHost: localhost\r\n\r\n');
  return { socket, answer };
}

/** All at once; answer -> how many got it. */
async function storm(harness: Harness, count: number) {
  const clients = Array.from({ length: count }, () => ask(harness));
  const answers = await Promise.all(clients.map(({ answer }) => answer));
  const counted = Object.fromEntries([...Map.groupBy(answers, (one) => one)].map(([one, of]) => [one, of.length]));
  return { counted, sockets: clients.map(({ socket }) => socket) };
}

const refusals = async (harness: Harness) => {
  const { entries } = answered(await harness.control.journal({ kinds: 'tls-refused', limit: 1_000 }));
  return ofKind(entries, 'tls-refused').map(({ detail }) => detail.code);
};

describe.each(['drain', 'cut'] as const)('after a %s, all clients of one machine come back at once:', (mode) => {
  test.each([[200, {}] as const, ...(FULL ? [[1_100, { connectionsPerAddress: 1_100 }] as const] : [])])(
    '%d, and every one gets in',
    { timeout: 240_000 },
    async (count, limits) => {
      await using harness = await inSession1({ limits: { ...PATIENT, ...limits } });
      const before = await storm(harness, count);
      expect(before.counted).toEqual({ 200: count });
      const closed = Promise.all(before.sockets.map(closeOf));
      answered(await harness.control.failover({ to: 'primary', mode }));
      await closed;
      const after = await storm(harness, count);
      expect(after.counted).toEqual({ 200: count });
      expect(await refusals(harness)).toEqual([]);
      for (const socket of after.sockets) socket.destroy();
    },
  );
});

test('1,000 wait and no more: the rest is reset, and the journal says why (TOO_MANY_HANDSHAKES)', {
  timeout: 120_000,
}, async () => {
  await using harness = await inSession1({ limits: { ...PATIENT, connectionsPerAddress: 2_000 } });
  const { hostname: host, port } = new URL(harness.addresses.line);
  const silent: Socket[] = [];
  for (let n = 0; n < 1_128; n++) {
    const socket = connect({ host, port: Number(port) }).on('error', () => undefined);
    silent.push(socket);
    await once(socket, 'connect');
  }
  const late = Array.from({ length: 5 }, () => ask(harness));
  expect(await Promise.all(late.map(({ answer }) => answer))).toEqual(Array(5).fill('ECONNRESET'));
  expect(await refusals(harness)).toEqual(Array(5).fill('TOO_MANY_HANDSHAKES'));
  for (const socket of silent) socket.destroy();
});
