import type { ServerResponse } from 'node:http';
import type { Server } from 'node:https';
import { isIPv6, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Instant } from '../../domain/nouns/market.ts';
import { awaitOpening } from '../first-bytes.ts';
import { explainTlsFailure } from '../tls/tls.ts';
import { type Connection, type DoorwayEvent, helloOf, openVisit, type Via, type Visit, visitOf } from './connection.ts';
import { earlyAnswer, plainHttpBytes, problemBytes } from './early-answers.ts';

export { type Connection, type DoorwayEvent, helloOf, type Via } from './connection.ts';

export interface DoorwayOptions {
  readonly note: (event: DoorwayEvent) => void;
  /** Market time, for `Connection.since`. */
  readonly now: () => Instant;
  /** Wall milliseconds until the first byte must be here. Default 10,000. The handshake has its own limit: tls.ts. */
  readonly firstByteTimeoutMs?: number;
  /** Default 512. */
  readonly connectionsPerAddress?: number;
  /** From connecting until the handshake is done. Default 128. */
  readonly handshakesPerAddress?: number;
}

/** The defaults are mock conventions: HKEX publishes no limit. */
const DEFAULTS = { firstByteTimeoutMs: 10_000, connectionsPerAddress: 512, handshakesPerAddress: 128 };

export interface Doorway {
  /** Takes a raw, unread socket that somebody else accepted. */
  accept(socket: Socket, via: Via): void;
  connections(): readonly Connection[];
  size(): number;
  /**
   * Lets the requests under way finish and then closes their connections; idle ones close as soon as what had reached us is
   * read. One that has not asked yet may ask once. The listener and later connections are not touched. Resolves when the
   * idle ones are told.
   */
  drain(): Promise<void>;
  /** Resets every connection: the client sees ECONNRESET. */
  cut(): void;
}

/** How long a client that was answered early has to read it, and how much more of its own it may send meanwhile. */
const LINGER_MS = 1_000;
const LINGER_READS = 64;

/**
 * Puts a door before an HTTPS server: every raw socket first shows its opening bytes, is counted against its address,
 * and is then given to the server unread. Install it after whatever else made the server (Fastify), for it replaces the
 * listeners of `connection` and `clientError`. Header and request time-outs are the server's own (`headersTimeout`,
 * `requestTimeout`, enforced every `connectionsCheckingInterval`, and only on a server that listens).
 */
export function installDoorway(server: Server, options: DoorwayOptions): Doorway {
  const { note } = options;
  const limits = { ...DEFAULTS, ...options };
  const open = new Set<Visit>();
  const addresses = new Map<string, { open: number; handshakes: number }>();
  let count = 0;

  const builtin = server.listeners('connection');
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => accept(socket, 'direct'));

  function accept(raw: Socket, via: Via) {
    raw.on('error', () => undefined); // 'close' tells of its end
    if (raw.remoteAddress === undefined || raw.remotePort === undefined) {
      raw.destroy(); // gone before it was accepted
      return;
    }
    const address = plainAddress(raw.remoteAddress);
    const connection = { number: ++count, via, address, port: raw.remotePort, since: options.now() };
    const visit = openVisit(connection, raw);
    const from = tally(visit);
    from.open++;
    from.handshakes++;
    open.add(visit);
    raw.once('close', () => closed(visit));
    note({ kind: 'connected', connection });
    if (from.open > limits.connectionsPerAddress) return turnAway(visit, 'TOO_MANY_CONNECTIONS');
    if (from.handshakes > limits.handshakesPerAddress) return turnAway(visit, 'TOO_MANY_HANDSHAKES');
    // The same wherever it was accepted. Half-open only once it is secured: before that, a client's end is its end.
    raw.allowHalfOpen = false;
    raw.setNoDelay(true);
    awaitOpening(raw, limits.firstByteTimeoutMs, (opening) => {
      if (opening.kind === 'bytes') {
        visit.opening = opening.bytes;
        for (const listener of builtin) listener.call(server, raw);
      } else if (opening.kind === 'plain-http') {
        tellToUseHttps(visit);
      } else {
        if (opening.kind === 'silence') refused(visit, 'ERR_TLS_HANDSHAKE_TIMEOUT');
        raw.destroy();
      }
    });
  }

  function tally({ connection: { address } }: Visit) {
    const from = addresses.get(address) ?? { open: 0, handshakes: 0 };
    addresses.set(address, from);
    return from;
  }

  function leavePhase(visit: Visit, next: Visit['phase']) {
    if (visit.phase === 'handshake') tally(visit).handshakes--;
    visit.phase = next;
  }

  function refused(visit: Visit, code: string) {
    leavePhase(visit, 'refused');
    const hello = helloOf(visit.raw);
    note({ kind: 'refused', connection: visit.connection, hello, ...explainTlsFailure(code, hello) });
  }

  function turnAway(visit: Visit, code: string) {
    refused(visit, code);
    visit.raw.resetAndDestroy();
  }

  function tellToUseHttps(visit: Visit) {
    const { raw } = visit;
    refused(visit, 'ERR_SSL_HTTP_REQUEST');
    let reads = 0;
    raw.on('data', () => {
      if (++reads > LINGER_READS) raw.destroy();
    });
    raw.once('end', () => raw.destroy());
    raw.setTimeout(LINGER_MS, () => raw.destroy());
    const { cause, remedy } = explainTlsFailure('ERR_SSL_HTTP_REQUEST', null);
    raw.end(plainHttpBytes(cause, remedy));
  }

  function closed(visit: Visit) {
    const { connection, raw, requests } = visit;
    if (visit.phase === 'handshake' && !visit.cut && raw.bytesRead > 0) refused(visit, 'ECONNRESET');
    const secured = visit.phase === 'secured';
    const how = visit.cut ? 'cut' : visit.phase === 'refused' ? 'refused' : visit.reset ? 'reset' : 'closed';
    leavePhase(visit, visit.phase);
    open.delete(visit);
    const from = tally(visit);
    if (--from.open === 0) addresses.delete(connection.address);
    note({ kind: 'closed', connection, how, secured, requests });
  }

  server.on('secureConnection', (socket: TLSSocket) => {
    const visit = visitOf(socket);
    if (visit === undefined) return;
    leavePhase(visit, 'secured');
    visit.secured = socket;
    socket.allowHalfOpen = true;
    note({
      kind: 'handshake',
      connection: visit.connection,
      protocol: socket.getProtocol() ?? '',
      cipher: socket.getCipher().name,
      alpn: socket.alpnProtocol || null,
      resumed: socket.isSessionReused(),
      hello: helloOf(socket),
    });
  });

  // An HTTPS server emits a failed handshake here too, with the error that tlsClientError has: one listener for both.
  server.removeAllListeners('clientError');
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const visit = visitOf(socket);
    const code = error.code ?? error.name;
    if (visit?.phase !== 'secured') {
      if (visit?.phase === 'handshake' && !visit.cut) refused(visit, code);
      socket.destroy();
      return;
    }
    if (code === 'ECONNRESET') visit.reset = true;
    // What a client goes on sending makes the same error again: read on for a while, or the reset loses our answer.
    if (++visit.unreadable > 1 && visit.unreadable <= LINGER_READS) return;
    const answer = earlyAnswer(code);
    if (answer === null || visit.unreadable > 1 || !socket.writable || isAnswering(visit)) {
      socket.destroy();
      return;
    }
    note({ kind: 'unreadable', connection: visit.connection, code, ...answer });
    // After a time-out nothing more may count: the rest of an upload must not arrive while its client was told of failure.
    socket.end(problemBytes(answer), () => {
      if (answer.status === 408) socket.destroy();
    });
    visit.raw.setTimeout(LINGER_MS, () => socket.destroy());
  });

  // Without a byte for too long: an unfinished request is answered as one that came too late; one that is here whole waits
  // for us, and we are late ourselves; anything else just ends.
  server.on('timeout', (socket: TLSSocket) => {
    const { response } = visitOf(socket) ?? {};
    if (!response || response.headersSent) socket.destroy();
    else if (response.req.complete) return;
    else server.emit('clientError', Object.assign(new Error('stalled'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }), socket);
  });

  // Before the server's own listener, so that a leaving connection says so in its answer's headers.
  server.prependListener('request', (request, response) => {
    const visit = visitOf(request.socket);
    if (visit === undefined) return;
    visit.requests++;
    visit.response = response;
    if (visit.leaving) response.shouldKeepAlive = false;
  });

  return {
    accept,
    connections: () => [...open].map((visit) => visit.connection),
    size: () => open.size,
    async drain() {
      const idle = new Map<Visit, ServerResponse>();
      for (const visit of open) {
        visit.leaving = true;
        const { response } = visit;
        if (response === null) continue; // closeIdleConnections() would close it, with its first request under way
        if (response.writableFinished) idle.set(visit, response);
        else if (response.headersSent) response.once('finish', () => response.req.socket.destroySoon());
        else response.shouldKeepAlive = false;
      }
      // A request may be here already and unread, the more so on a busy machine: it is answered, not lost with its connection.
      await nextPoll();
      for (const [visit, last] of idle) if (visit.response === last) last.req.socket.destroySoon();
    },
    cut() {
      for (const visit of open) {
        visit.cut = true;
        // A stream that is shutting down cannot be reset: libuv refuses, and the process would wait for it for ever.
        if (visit.raw.writableEnded || visit.secured?.writableEnded) visit.raw.destroy();
        else visit.raw.resetAndDestroy();
      }
    },
  };
}

/** Everything that had come by now has been read: the first turn may end a poll that had begun before. */
async function nextPoll(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** Whether an answer's head is on its way, but not yet its end. */
function isAnswering({ response }: Visit): boolean {
  return response?.headersSent === true && !response.writableFinished;
}

/** An IPv4 client of a dual-stack listener comes as ::ffff:a.b.c.d. */
function plainAddress(address: string): string {
  return isIPv6(address) && address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}
