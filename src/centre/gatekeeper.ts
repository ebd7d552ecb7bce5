import type { Socket } from 'node:net';
import { type Arrival, arrivalOf, isLoopback, type Via } from '../domain/access/arrival.ts';
import type { Protocol } from '../domain/access/protocol.ts';
import type { CentreName, Instant } from '../domain/nouns/market.ts';

/** A connection that a listener accepted. Each protocol adds its own fields. */
export interface Connection {
  /** Unique in the harness: centre, protocol and number, such as `p-https-3`. */
  readonly id: string;
  /** Counts from 1 at each listener. */
  readonly number: number;
  readonly via: Via;
  /** The client's address; IPv4 is written as such on a dual-stack listener too. */
  readonly address: string;
  /** The client's port. */
  readonly port: number;
  readonly since: Instant;
  /** When it was accepted, in Unix milliseconds. */
  readonly openedWallMs: number;
  /** Its TCP socket, or the near end of a relay. */
  readonly raw: Socket;
}

/** Mock conventions: HKEX publishes no limit. */
export interface ConnectionLimits {
  /** Per client address. Default 512. */
  readonly connectionsPerAddress?: number | undefined;
  /** Per client address, from connecting until the handshake (of SFTP: the log-on) is done. Default 128. */
  readonly handshakesPerAddress?: number | undefined;
  /** Connections of this machine that wait, unread, until a handshake of their address is over. Default 1,000. */
  readonly waitingHandshakes?: number | undefined;
}

export type OverLimit = 'TOO_MANY_CONNECTIONS' | 'TOO_MANY_HANDSHAKES';

/** What a listener does with its connections. Each call comes in the order below, once per connection. */
export interface GatekeeperOptions<C extends Connection> {
  readonly centre: CentreName;
  readonly protocol: Protocol;
  readonly limits: ConnectionLimits;
  /** Wall milliseconds that a handshake may take, and so that a connection may wait for its turn. */
  readonly handshakeMs: number;
  /** Market time, for `Connection.since`. */
  readonly now: () => Instant;
  /** Unix milliseconds, monotonic. */
  readonly wallMs: () => number;
  /** Makes the protocol's record of a new connection. */
  readonly connected: (connection: Connection) => C;
  /** Instead of `admit`, for a connection over a limit; it is reset afterwards. */
  readonly refuse: (connection: C, code: OverLimit) => void;
  /** Serves a connection that is within the limits. */
  readonly admit: (connection: C) => void;
  /** In a cut, for each open connection: marks it and resets it (see `resetConnection`). */
  readonly cut: (connection: C) => void;
  /** The connection is closed, by either end. */
  readonly closed: (connection: C) => void;
}

/** Wall milliseconds that a client gets to read the last answer and to close. */
export const LINGER_MS = 1_000;

/** Wall milliseconds that requests and transfers under way get to finish when a centre is drained, by default. */
export const FINISH_MS = 5_000;

/** What is counted against a client address. */
interface Tally<C> {
  open: number;
  handshakes: number;
  /** Connections that are not counted yet, the earliest first. */
  readonly waiting: Set<C>;
}

/**
 * The accepting half of every listener: counts connections per client address and tracks which are open. After a switch all
 * clients of a machine reconnect at once: those on loopback, which nobody else can fill, wait for their turn.
 */
export class Gatekeeper<C extends Connection> {
  readonly #options: GatekeeperOptions<C>;
  readonly #limits: { readonly connections: number; readonly handshakes: number; readonly waiting: number };
  readonly #open = new Set<C>();
  readonly #counted = new Set<C>();
  readonly #inHandshake = new Set<C>();
  readonly #addresses = new Map<string, Tally<C>>();
  #waiting = 0;
  readonly #emptyWaiters = new Set<() => void>();
  #count = 0;

  constructor(options: GatekeeperOptions<C>) {
    this.#options = options;
    const { connectionsPerAddress = 512, handshakesPerAddress = 128, waitingHandshakes = 1_000 } = options.limits;
    this.#limits = {
      connections: connectionsPerAddress,
      handshakes: handshakesPerAddress,
      waiting: waitingHandshakes,
    };
  }

  open(): ReadonlySet<C> {
    return this.#open;
  }

  /** Takes a socket that the listener itself accepted. */
  acceptDirect(socket: Socket): void {
    const arrival = arrivalOf(socket, this.#options.protocol, 'direct');
    if (arrival) this.accept(arrival);
    else socket.on('error', () => undefined).destroy();
  }

  accept(arrival: Arrival<Socket>): void {
    const raw = arrival.socket;
    raw.on('error', () => undefined); // 'close' follows and does the work
    if (raw.destroyed) return;
    const connection = this.#enter(arrival);
    raw.once('close', () => this.#leave(connection));
    const over = this.#overLimit(connection);
    if (over === null) this.#admit(connection);
    else if (over === 'TOO_MANY_HANDSHAKES' && this.#mayWait(connection)) this.#wait(connection);
    else this.#refuse(connection, over);
  }

  /** From now on the connection does not count as one in its handshake; the next that waits begins its own. */
  handshakeOver(connection: C): void {
    if (!this.#inHandshake.delete(connection)) return;
    const from = this.#tally(connection);
    from.handshakes--;
    this.#admitWaiting(from);
  }

  cut(): void {
    for (const connection of this.#open) this.#options.cut(connection);
  }

  /** Resolves when no connection is left, or after `deadlineMs` of wall time. */
  empty(deadlineMs: number | null = null): Promise<void> {
    if (this.#open.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#emptyWaiters.add(resolve);
      if (deadlineMs === null) return;
      AbortSignal.timeout(deadlineMs).addEventListener('abort', () => resolve(), { once: true });
    });
  }

  #enter({ socket, address, port, via }: Arrival<Socket>): C {
    const { centre, protocol, now, wallMs, connected } = this.#options;
    const number = ++this.#count;
    const id = `${centre.charAt(0)}-${protocol}-${number}`;
    const connection = connected({ id, number, via, address, port, since: now(), openedWallMs: wallMs(), raw: socket });
    this.#open.add(connection);
    return connection;
  }

  #overLimit(connection: C): OverLimit | null {
    const from = this.#tally(connection);
    if (from.open >= this.#limits.connections) return 'TOO_MANY_CONNECTIONS';
    return from.handshakes >= this.#limits.handshakes ? 'TOO_MANY_HANDSHAKES' : null;
  }

  #admit(connection: C): void {
    const from = this.#tally(connection);
    from.open++;
    from.handshakes++;
    this.#counted.add(connection);
    this.#inHandshake.add(connection);
    // Wherever it was accepted, it starts the same. Until a listener allows half-open, the client's FIN closes it.
    connection.raw.allowHalfOpen = false;
    connection.raw.setNoDelay(true);
    this.#options.admit(connection);
  }

  #refuse(connection: C, code: OverLimit): void {
    this.#options.refuse(connection, code);
    connection.raw.resetAndDestroy();
  }

  #mayWait({ address }: C): boolean {
    return isLoopback(address) && this.#waiting < this.#limits.waiting;
  }

  #wait(connection: C): void {
    this.#tally(connection).waiting.add(connection);
    this.#waiting++;
    after(this.#options.handshakeMs, connection, (late) => {
      if (this.#waitsNoMore(late)) this.#refuse(late, 'TOO_MANY_HANDSHAKES');
    });
  }

  /** Takes a connection out of the line; false if it does not wait. */
  #waitsNoMore(connection: C): boolean {
    if (this.#addresses.get(connection.address)?.waiting.delete(connection) !== true) return false;
    this.#waiting--;
    return true;
  }

  #admitWaiting(from: Tally<C>): void {
    for (const next of from.waiting) {
      const over = this.#overLimit(next);
      if (over === 'TOO_MANY_HANDSHAKES') return;
      this.#waitsNoMore(next);
      if (next.raw.destroyed) continue; // 'close' follows
      if (over === null) this.#admit(next);
      else this.#refuse(next, over);
    }
  }

  #leave(connection: C): void {
    this.#waitsNoMore(connection);
    this.#open.delete(connection);
    const from = this.#tally(connection);
    if (this.#counted.delete(connection)) from.open--;
    this.handshakeOver(connection);
    if (from.open === 0 && from.waiting.size === 0) this.#addresses.delete(connection.address);
    this.#options.closed(connection);
    if (this.#open.size > 0) return;
    for (const resolve of this.#emptyWaiters) resolve();
    this.#emptyWaiters.clear();
  }

  #tally({ address }: C): Tally<C> {
    const from = this.#addresses.get(address) ?? { open: 0, handshakes: 0, waiting: new Set<C>() };
    this.#addresses.set(address, from);
    return from;
  }
}

/**
 * Resets a connection: its client sees ECONNRESET.
 * @param tls the TLS socket on top of it, if there is one
 */
export function resetConnection({ raw }: Connection, tls: Socket | null = null): void {
  // A stream that is shutting down cannot be reset: libuv refuses, and the process would never exit.
  if (raw.writableEnded || tls?.writableEnded) raw.destroy();
  else raw.resetAndDestroy();
}

/** Calls `then` after `ms` of wall time, without keeping a closed connection in memory until then. */
export function after<C extends Connection>(ms: number, connection: C, then: (connection: C) => void): void {
  const weak = new WeakRef(connection);
  const fire = () => {
    const live = weak.deref();
    if (live) then(live);
  };
  AbortSignal.timeout(ms).addEventListener('abort', fire, { once: true });
}
