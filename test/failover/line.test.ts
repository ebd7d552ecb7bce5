import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { describe, expect, test } from 'vitest';
import type { Arrival } from '../../src/domain/access/arrival.ts';
import { startLine } from '../../src/failover/line.ts';
import { openListener } from '../support/https-listener.ts';

const HOST = '127.0.0.1';

/** A listener that sends its name first, as an SFTP server would. */
const greeter = (name: string) => ({
  accept({ socket }: Arrival<Socket>) {
    socket.end(name);
  },
});

async function ask(port: number): Promise<string> {
  let text = '';
  for await (const chunk of connect({ host: HOST, port })) text += chunk;
  return text;
}

describe('the line', () => {
  test('leads to the current target; the address stays', async () => {
    let active = greeter('primary');
    const line = await startLine({ protocol: 'https', host: HOST, port: 0, target: () => active });
    const seen = [await ask(line.port)];
    active = greeter('backup');
    seen.push(await ask(line.port));
    active = greeter('primary');
    seen.push(await ask(line.port));
    expect(seen).toEqual(['primary', 'backup', 'primary']);
    await line.stop();
  });

  test("after a switch new connections get the other centre's certificate, old ones stay where they were", async () => {
    await using primary = await openListener({ centre: 'primary' });
    await using backup = await openListener({ centre: 'backup' });
    let active = primary.guard;
    const line = await startLine({ protocol: 'https', host: HOST, port: 0, target: () => active });
    const meet = async () => {
      const socket = tlsConnect({ host: HOST, port: line.port, ca: primary.ca, servername: 'ccass.harness.test' });
      await once(socket, 'secureConnect');
      return { socket, name: socket.getPeerCertificate().subject.CN };
    };
    const before = await meet();
    active = backup.guard;
    const after = await meet();
    expect([before.name, after.name]).toEqual(['primary ccass-harness', 'backup ccass-harness']);
    expect([primary.guard.size(), backup.guard.size()]).toEqual([1, 1]);
    before.socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    expect(String((await once(before.socket, 'data'))[0])).toContain('good day');
    before.socket.destroy();
    after.socket.destroy();
    await line.stop();
  });

  test('hands sockets over unread', async () => {
    const { promise, resolve } = Promise.withResolvers<Arrival<Socket>>();
    const line = await startLine({ protocol: 'https', host: HOST, port: 0, target: () => ({ accept: resolve }) });
    const client = connect({ host: HOST, port: line.port });
    client.write('all of it');
    const { socket } = await promise;
    expect(String((await once(socket, 'data'))[0])).toBe('all of it');
    socket.destroy();
    client.destroy();
    await line.stop();
  });

  test('a stop frees the port at once and leaves connections with their centre', async () => {
    const { promise, resolve } = Promise.withResolvers<Arrival<Socket>>();
    const line = await startLine({ protocol: 'https', host: HOST, port: 0, target: () => ({ accept: resolve }) });
    const client = connect({ host: HOST, port: line.port });
    const { socket } = await promise;
    await line.stop();
    await line.stop();
    const again = await startLine({ protocol: 'https', host: HOST, port: line.port, target: () => greeter('next') });
    expect(await ask(again.port)).toBe('next');
    socket.end('still here');
    expect(String((await once(client, 'data'))[0])).toBe('still here');
    client.destroy();
    await again.stop();
  });

  test('a listener that throws ends only its own connection', async () => {
    const problems: unknown[] = [];
    let calls = 0;
    const target = () => {
      if (calls++ === 0) throw new Error('no centre');
      return greeter('primary');
    };
    const line = await startLine({
      protocol: 'https',
      host: HOST,
      port: 0,
      target,
      note: (problem) => problems.push(problem),
    });
    expect(await ask(line.port)).toBe('');
    expect(await ask(line.port)).toBe('primary');
    expect(problems).toEqual([new Error('no centre')]);
    await line.stop();
  });

  test('a client that resets before a listener handles it does not end the process', async () => {
    const { promise, resolve } = Promise.withResolvers<Arrival<Socket>>();
    const line = await startLine({ protocol: 'https', host: HOST, port: 0, target: () => ({ accept: resolve }) });
    const client = connect({ host: HOST, port: line.port });
    await once(client, 'connect');
    const { socket } = await promise;
    client.resetAndDestroy();
    socket.resume();
    await new Promise((resolve) => socket.once('close', resolve));
    await line.stop();
  });

  test('a port in use rejects at the start', async () => {
    const other = createServer().listen(0, HOST);
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    await expect(startLine({ protocol: 'https', host: HOST, port, target: () => greeter('x') })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
    other.close();
  });
});
