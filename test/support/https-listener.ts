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

export interface ListenerOptions {
  readonly centre?: CentreName;
  readonly via?: 'direct' | 'line';
  readonly guard?: Partial<GuardOptions>;
  readonly http?: ServerOptions;
  readonly handshakeTimeoutMs?: number;
  readonly onRequest?: RequestListener;
  /** Called once the guard has registered its event listeners. */
  readonly onServer?: (server: https.Server) => void;
}

/** A centre's HTTPS listener on port 0 with the events it notes; `via: 'line'` puts a line in front. */
export async function openListener(options: ListenerOptions = {}) {
  const certificates: Certificates = await loadCertificates({ dir: 'memory', names: [], at: Date.now() });
  const identity = certificates.centres[options.centre ?? 'primary'];
  const timeout = options.handshakeTimeoutMs === undefined ? {} : { handshakeTimeoutMs: options.handshakeTimeoutMs };
  const server = https.createServer(
    { ...listenerTls({ ...identity, ...timeout }), ...options.http },
    options.onRequest ?? ((_request, response) => response.end('good day')),
  );
  const events: HttpsEvent[] = [];
  const waiting = new Set<() => void>();
  const guard = new ServerGuard(server, {
    centre: options.centre ?? 'primary',
    now: () => 0,
    wallMs: () => 0,
    marks: () => ({}),
    requested: () => undefined,
    answered: () => undefined,
    ...options.guard,
    note(event) {
      events.push(event);
      for (const check of waiting) check();
    },
  });
  options.onServer?.(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const directPort = (server.address() as AddressInfo).port;
  const line = await startLine({ protocol: 'https', host: '127.0.0.1', port: 0, target: () => guard });

  /** The n-th event of a kind, once there is one. */
  function noted<K extends Kind>(kind: K, nth = 1): Promise<EventOf<K>> {
    return new Promise((resolve) => {
      const check = () => {
        const found = events.filter((event): event is EventOf<K> => event.kind === kind)[nth - 1];
        if (!found) return;
        waiting.delete(check);
        resolve(found);
      };
      waiting.add(check);
      check();
    });
  }

  return {
    ca: certificates.ca,
    server,
    guard,
    events,
    noted,
    port: options.via === 'line' ? line.port : directPort,
    line,
    async [Symbol.asyncDispose]() {
      await line.stop();
      const closed = once(server, 'close');
      server.close();
      guard.cut();
      await closed;
    },
  };
}

export type HttpsListener = Awaited<ReturnType<typeof openListener>>;

/** Resolves when a socket is closed, with or without an error. */
export function closeOf(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.on('error', () => undefined);
    socket.once('close', () => resolve());
  });
}

/** A raw client; `over` resolves to everything it received, and the error that ended the connection. */
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

/** The output of `openssl s_client` on a port; `input` is sent once the handshake is done. */
export async function sClient(port: number, args: readonly string[], input?: string): Promise<string> {
  const client = spawn('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, ...args], { stdio: 'pipe' });
  let output = '';
  const append = (chunk: Buffer) => {
    const before = output;
    output += chunk.toString();
    if (input !== undefined && !before.includes('\n---\n') && output.includes('Verify return code'))
      client.stdin.write(input);
  };
  client.stdout.on('data', append);
  client.stderr.on('data', append);
  client.stdin.on('error', () => undefined);
  if (input === undefined) client.stdin.end();
  await once(client, 'close');
  return output;
}

/** The first bytes that a client sends, received by a server that never answers. */
export async function firstBytesOf(start: (port: number) => { destroy(): void } | { kill(): void }): Promise<Buffer> {
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

/** A TLS client of a listener, trusting its CA. */
export function client(listener: HttpsListener, options: ConnectionOptions = {}): TLSSocket {
  const socket = connectTls({
    host: '127.0.0.1',
    port: listener.port,
    ca: listener.ca,
    servername: 'localhost',
    ...options,
  });
  return socket;
}

/** How a TLS client's connection ended: the error's code, or `closed`. */
export async function endOf(socket: TLSSocket): Promise<string> {
  let code = 'closed';
  socket.on('error', (error: NodeJS.ErrnoException) => {
    code = error.code ?? error.message;
  });
  socket.resume();
  await closeOf(socket);
  return code;
}

/** Everything that the server sends on a TLS connection until it closes. */
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
