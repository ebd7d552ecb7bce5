import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import type { RequestListener, ServerOptions } from 'node:http';
import https from 'node:https';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import type { HttpsEvent } from '../../src/centre/https/connection.ts';
import { type GuardOptions, ServerGuard } from '../../src/centre/https/guard.ts';
import type { Certificates } from '../../src/centre/tls/certificates.ts';
import { loadCertificates } from '../../src/centre/tls/certificates.ts';
import { listenerTls } from '../../src/centre/tls/tls.ts';
import type { CentreName } from '../../src/domain/nouns/market.ts';
import { startLine } from '../../src/failover/line.ts';

export const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

export type Kind = HttpsEvent['kind'];
export type EventOf<K extends Kind> = Extract<HttpsEvent, { kind: K }>;

export interface DoorOptions {
  readonly centre?: CentreName;
  readonly via?: 'direct' | 'line';
  readonly doorway?: Partial<GuardOptions>;
  readonly http?: ServerOptions;
  readonly handshakeTimeoutMs?: number;
  readonly onRequest?: RequestListener;
  /** After the door has put its listeners. */
  readonly onServer?: (server: https.Server) => void;
}

/** A centre's door on port 0, with everything it notes; over the line if asked. Closes itself. */
export async function openDoor(options: DoorOptions = {}) {
  const certificates: Certificates = await loadCertificates({ dir: 'memory', names: [], at: Date.now() });
  const identity = certificates.centres[options.centre ?? 'primary'];
  const timeout = options.handshakeTimeoutMs === undefined ? {} : { handshakeTimeoutMs: options.handshakeTimeoutMs };
  const server = https.createServer(
    { ...listenerTls({ ...identity, ...timeout }), ...options.http },
    options.onRequest ?? ((_request, response) => response.end('good day')),
  );
  const events: HttpsEvent[] = [];
  const waiting = new Set<() => void>();
  const doorway = new ServerGuard(server, {
    centre: options.centre ?? 'primary',
    now: () => 0,
    wallMs: () => 0,
    requested: () => undefined,
    answered: () => undefined,
    ...options.doorway,
    note(event) {
      events.push(event);
      for (const look of waiting) look();
    },
  });
  options.onServer?.(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const own = (server.address() as AddressInfo).port;
  const line = await startLine({ protocol: 'https', host: '127.0.0.1', port: 0, target: () => doorway });

  /** The n-th event of a kind, now or as soon as it comes. */
  function noted<K extends Kind>(kind: K, nth = 1): Promise<EventOf<K>> {
    return new Promise((resolve) => {
      const look = () => {
        const found = events.filter((event): event is EventOf<K> => event.kind === kind)[nth - 1];
        if (!found) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  }

  return {
    ca: certificates.ca,
    server,
    doorway,
    events,
    noted,
    port: options.via === 'line' ? line.port : own,
    line,
    async [Symbol.asyncDispose]() {
      await line.stop();
      const closed = once(server, 'close');
      server.close();
      doorway.cut();
      await closed;
    },
  };
}

export type Door = Awaited<ReturnType<typeof openDoor>>;

/** The end of a socket, whatever error came before it. */
export function closeOf(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.on('error', () => undefined);
    socket.once('close', () => resolve());
  });
}

/** A raw client; resolves to all it was sent when the connection is over, and the error that ended it. */
export function rawClient(port: number, send?: string | Buffer) {
  const socket: Socket = connect({ port, host: '127.0.0.1' });
  let error: string | null = null;
  const chunks: Buffer[] = [];
  socket.on('error', (problem: NodeJS.ErrnoException) => {
    error = problem.code ?? problem.message;
  });
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  if (send !== undefined) socket.write(send);
  const over = closeOf(socket).then(() => ({ text: Buffer.concat(chunks).toString(), error }));
  return { socket, over };
}

/** `openssl s_client` against a port; `input` is typed once it says that the handshake is done. */
export async function sClient(port: number, args: readonly string[], input?: string): Promise<string> {
  const client = spawn('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, ...args], { stdio: 'pipe' });
  let said = '';
  const hear = (chunk: Buffer) => {
    const before = said;
    said += chunk.toString();
    if (input !== undefined && !before.includes('\n---\n') && said.includes('Verify return code'))
      client.stdin.write(input);
  };
  client.stdout.on('data', hear);
  client.stderr.on('data', hear);
  client.stdin.on('error', () => undefined);
  if (input === undefined) client.stdin.end();
  await once(client, 'close');
  return said;
}

/** The opening bytes that a client sends, caught by a listener that never answers. */
export async function openingOf(start: (port: number) => { destroy(): void } | { kill(): void }): Promise<Buffer> {
  const { promise, resolve } = Promise.withResolvers<Buffer>();
  const trap = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (bytes: Buffer) => {
      resolve(bytes);
      socket.destroy();
    });
  });
  trap.listen(0, '127.0.0.1');
  await once(trap, 'listening');
  const client = start((trap.address() as AddressInfo).port);
  const bytes = await promise;
  if ('destroy' in client) client.destroy();
  else client.kill();
  trap.close();
  return bytes;
}

export const GET = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';

/** A TLS client of a door that trusts its CA. */
export function client(door: Door, options: ConnectionOptions = {}): TLSSocket {
  const socket = connectTls({ host: '127.0.0.1', port: door.port, ca: door.ca, servername: 'localhost', ...options });
  return socket;
}

/** What ended a TLS client: its error's code, or `closed`. */
export async function endOf(socket: TLSSocket): Promise<string> {
  let code = 'closed';
  socket.on('error', (error: NodeJS.ErrnoException) => {
    code = error.code ?? error.message;
  });
  socket.resume();
  await closeOf(socket);
  return code;
}

/** Everything that the server sends on a TLS connection until it is over. */
export async function answerOf(socket: TLSSocket, request: string): Promise<string> {
  let text = '';
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => {
    text += chunk;
  });
  socket.write(request);
  await closeOf(socket);
  return text;
}
