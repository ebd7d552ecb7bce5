import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { Arrival } from '../../domain/access/arrival.ts';
import type { CentreName, Instant } from '../../domain/nouns/market.ts';
import { type EarlyAnswer, earlyAnswer, notAProxy, plainHttp, problemBytes } from '../../http/early-answers.ts';
import { awaitFirstBytes } from '../first-bytes.ts';
import { type Connection, type ConnectionLimits, Gatekeeper, LINGER_MS, resetConnection } from '../gatekeeper.ts';
import { explainTlsFailure } from '../tls/tls.ts';
import { type HttpsConnection, type HttpsEvent, helloOf, httpsConnectionOf, newHttpsConnection } from './connection.ts';
import { beginExchange, type Exchange, exchangeOf } from './exchange.ts';

export interface GuardOptions extends ConnectionLimits {
  readonly centre: CentreName;
  readonly note: (event: HttpsEvent) => void;
  /** Headers of every answer. */
  readonly marks: () => Readonly<Record<string, string>>;
  readonly requested: () => void;
  /** The response is closed: its last byte was taken, or the connection is gone. */
  readonly answered: (exchange: Exchange, response: ServerResponse) => void;
  /** Market time, for `Connection.since`. */
  readonly now: () => Instant;
  /** Unix milliseconds, monotonic. */
  readonly wallMs: () => number;
  /**
   * Wall milliseconds from connecting to the first byte. Default 10,000, a mock convention. The handshake has its own
   * limit: tls.ts.
   */
  readonly firstByteMs?: number | undefined;
  /** Wall milliseconds that a handshake may take, which tls.ts enforces. Default 10,000. */
  readonly handshakeMs?: number | undefined;
}

/** Further reads from a client that was answered before it had sent everything. */
const LINGER_READS = 64;

/**
 * Guards an HTTPS server: counts every raw socket against its address, waits for its first bytes, and gives it to the
 * server unread. Create it after Fastify has created the server, since it replaces the server's listeners of `connection`
 * and `clientError`. Header and request time-outs stay the server's (`headersTimeout`, `requestTimeout`, enforced every
 * `connectionsCheckingInterval`, and only on a server that listens).
 */
export class ServerGuard {
  readonly #server: Server;
  readonly #options: GuardOptions;
  readonly #note: (event: HttpsEvent) => void;
  readonly #firstByteMs: number;
  readonly #gatekeeper: Gatekeeper<HttpsConnection>;
  /** The server's own listeners of `connection`: they begin TLS. */
  readonly #startTls: readonly ((raw: Socket) => void)[];

  constructor(server: Server, options: GuardOptions) {
    this.#server = server;
    this.#options = options;
    this.#note = options.note;
    this.#firstByteMs = options.firstByteMs ?? 10_000;
    this.#gatekeeper = new Gatekeeper({
      centre: options.centre,
      protocol: 'https',
      limits: options,
      handshakeMs: options.handshakeMs ?? 10_000,
      now: options.now,
      wallMs: options.wallMs,
      connected: (accepted) => this.#connected(accepted),
      refuse: (connection, code) => this.#refused(connection, code),
      admit: (connection) => this.#admit(connection),
      cut(connection) {
        connection.cut = true;
        resetConnection(connection, connection.secured);
      },
      closed: (connection) => this.#closed(connection),
    });
    this.#startTls = server.listeners('connection') as ((raw: Socket) => void)[];
    server.removeAllListeners('connection');
    server.on('connection', (raw: Socket) => this.#gatekeeper.acceptDirect(raw));
    server.on('secureConnection', (socket) => this.#secured(socket));
    // An HTTPS server emits failed handshakes here too, with the error of tlsClientError: one listener handles both.
    server.removeAllListeners('clientError');
    server.on('clientError', (error, socket) => this.#clientError(error, socket));
    server.on('timeout', (socket: TLSSocket) => this.#stalled(socket));
    // Node would close without an answer, and answer an expectation that it does not know without words.
    server.on('connect', (_request, socket) => this.#askedToConnect(socket));
    server.on('checkExpectation', (request, response) => server.emit('request', request, response));
    // Before the server's own listener, so that the answer on a draining connection says `connection: close`.
    server.prependListener('request', (request, response) => this.#requested(request, response));
  }

  /** Takes an unread connection that was accepted elsewhere. */
  accept(arrival: Arrival<Socket>): void {
    this.#gatekeeper.accept(arrival);
  }

  connections(): readonly Connection[] {
    return [...this.#gatekeeper.open()];
  }

  size(): number {
    return this.#gatekeeper.open().size;
  }

  /**
   * Lets the requests under way finish and then closes their connections; idle ones close once the bytes that have
   * arrived are read. One that has not sent a request yet may send one. The listening port and later connections are not
   * touched. Resolves when the idle ones are closing.
   */
  async drain(): Promise<void> {
    const idle = new Map<HttpsConnection, ServerResponse>();
    for (const connection of this.#gatekeeper.open()) {
      connection.leaving = true;
      const { response } = connection;
      if (response === null) continue; // closeIdleConnections() would close it, with its first request under way
      if (response.writableFinished) idle.set(connection, response);
      else if (response.headersSent) response.once('finish', () => response.req.socket.destroySoon());
      else response.shouldKeepAlive = false;
    }
    // A request may have arrived unread, most likely on a busy machine: it must be answered, not lost with its connection.
    await nextPoll();
    for (const [connection, last] of idle) if (connection.response === last) last.req.socket.destroySoon();
  }

  /** Resets every connection: the client sees ECONNRESET. */
  cut(): void {
    this.#gatekeeper.cut();
  }

  #connected(accepted: Connection): HttpsConnection {
    const connection = newHttpsConnection(accepted);
    this.#note({ kind: 'connected', connection });
    return connection;
  }

  #admit(connection: HttpsConnection): void {
    const { raw } = connection;
    awaitFirstBytes(raw, this.#firstByteMs, (first) => {
      if (first.kind === 'bytes') {
        connection.firstBytes = first.bytes;
        for (const start of this.#startTls) start.call(this.#server, raw);
      } else if (first.kind === 'plain-http') {
        this.#answerPlainHttp(connection);
      } else {
        if (first.kind === 'silence') this.#refused(connection, 'ERR_TLS_HANDSHAKE_TIMEOUT');
        raw.destroy();
      }
    });
  }

  #enterPhase(connection: HttpsConnection, phase: HttpsConnection['phase']): void {
    this.#gatekeeper.handshakeOver(connection);
    connection.phase = phase;
  }

  #refused(connection: HttpsConnection, code: string): void {
    this.#enterPhase(connection, 'refused');
    const hello = helloOf(connection.raw);
    const failure = explainTlsFailure(code, hello);
    connection.refusal = failure.code;
    this.#note({ kind: 'refused', connection, hello, ...failure });
  }

  #answerPlainHttp(connection: HttpsConnection): void {
    const { raw } = connection;
    this.#refused(connection, 'ERR_SSL_HTTP_REQUEST');
    let reads = 0;
    raw.on('data', () => {
      if (++reads > LINGER_READS) raw.destroy();
    });
    raw.once('end', () => raw.destroy());
    raw.setTimeout(LINGER_MS, () => raw.destroy());
    const { cause, remedy } = explainTlsFailure('ERR_SSL_HTTP_REQUEST', null);
    raw.end(problemBytes(plainHttp(cause, remedy), this.#options.marks()));
  }

  #secured(socket: TLSSocket): void {
    const connection = httpsConnectionOf(socket);
    if (connection === undefined) return;
    this.#enterPhase(connection, 'secured');
    connection.secured = socket;
    socket.allowHalfOpen = true;
    this.#note({
      kind: 'handshake',
      connection,
      protocol: socket.getProtocol() ?? '',
      cipher: socket.getCipher().name,
      alpn: socket.alpnProtocol || null,
      resumed: socket.isSessionReused(),
      hello: helloOf(socket),
    });
  }

  #clientError(error: NodeJS.ErrnoException, socket: Duplex): void {
    const connection = httpsConnectionOf(socket);
    const code = error.code ?? error.name;
    if (connection?.phase !== 'secured') {
      if (connection?.phase === 'handshake' && !connection.cut) this.#refused(connection, code);
      socket.destroy();
      return;
    }
    if (code === 'ECONNRESET') connection.reset = true;
    // Bytes that the client still sends raise the same error again: keep reading a while, or a reset loses the answer.
    if (++connection.unreadable > 1 && connection.unreadable <= LINGER_READS) return;
    const answer = earlyAnswer(code);
    if (answer === null || connection.unreadable > 1 || !socket.writable || isAnswering(connection)) {
      socket.destroy();
      return;
    }
    this.#answerEarly(connection, socket, answer);
  }

  #answerEarly(connection: HttpsConnection, socket: Duplex, answer: EarlyAnswer): void {
    const request = this.#unreadableRequest(connection, answer);
    this.#note({ kind: 'unreadable', connection, request, ...answer });
    // After a time-out the rest of an upload must not arrive: its client was told that it failed.
    socket.end(problemBytes(answer, this.#options.marks()), () => {
      if (answer.status === 408) socket.destroy();
    });
    connection.raw.setTimeout(LINGER_MS, () => socket.destroy());
  }

  /** CONNECT: the parser has let go of the socket, so what the client sends on is read here and dropped. */
  #askedToConnect(socket: Duplex): void {
    const connection = httpsConnectionOf(socket);
    if (connection === undefined || !socket.writable) {
      socket.destroy();
      return;
    }
    let reads = 0;
    socket.on('error', () => undefined);
    socket.on('data', () => {
      if (++reads > LINGER_READS) socket.destroy();
    });
    this.#answerEarly(connection, socket, notAProxy());
  }

  /** The ID of a request that cannot be read: one under way that broke off, or one that never reached the server. */
  #unreadableRequest(connection: HttpsConnection, { status, refusal }: EarlyAnswer) {
    const { response } = connection;
    const exchange = response && !response.writableEnded ? exchangeOf(response.req) : undefined;
    if (!exchange) return { id: `${connection.id}.${++connection.requests}`, isUnderWay: false };
    exchange.operation ??= 'unreadable';
    exchange.code = refusal.refusal;
    exchange.earlyStatus = status;
    return { id: exchange.id, isUnderWay: true };
  }

  /**
   * No byte for too long: an incomplete request is answered 408; a complete one waits for the harness's answer, so it
   * stays; anything else is closed.
   */
  #stalled(socket: TLSSocket): void {
    const response = httpsConnectionOf(socket)?.response;
    if (!response || response.headersSent) {
      const connection = httpsConnectionOf(socket);
      if (connection) connection.idle = true;
      socket.destroy();
    } else if (!response.req.complete) {
      const error = Object.assign(new Error('stalled'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
      this.#server.emit('clientError', error, socket);
    }
  }

  #requested(request: IncomingMessage, response: ServerResponse): void {
    const connection = httpsConnectionOf(request.socket);
    if (connection === undefined) return;
    connection.requests++;
    connection.response = response;
    if (connection.leaving) response.shouldKeepAlive = false;
    const exchange = beginExchange(request, connection, this.#options.wallMs());
    this.#options.requested();
    response.once('close', () => this.#options.answered(exchange, response));
  }

  #closed(connection: HttpsConnection): void {
    const { raw, requests, cut } = connection;
    if (connection.phase === 'handshake' && !cut && raw.bytesRead > 0) this.#refused(connection, 'ECONNRESET');
    const secured = connection.phase === 'secured';
    this.#note({ kind: 'closed', connection, how: howClosed(connection), secured, requests });
  }
}

/** Resolves once everything that has arrived by now is read: the first turn may end a poll that began earlier. */
async function nextPoll(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}

function howClosed({ cut, phase, refusal, reset, idle, leaving }: HttpsConnection) {
  if (cut) return 'cut';
  if (phase === 'refused') return refusal?.startsWith('TOO_MANY_') ? 'turned-away' : 'refused';
  if (reset) return 'reset';
  if (idle) return 'idle';
  return leaving ? 'drained' : 'closed';
}

/** Whether an answer's headers are sent, but not yet its end. */
function isAnswering({ response }: HttpsConnection): boolean {
  return response?.headersSent === true && !response.writableFinished;
}
