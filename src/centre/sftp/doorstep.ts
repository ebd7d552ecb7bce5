import { isIPv6, type Socket } from 'node:net';
import type { Instant } from '../../domain/nouns/market.ts';
import type { Via } from '../https/connection.ts';
import { newVisit, type Visit } from './visit.ts';

export interface DoorstepLimits {
  readonly connectionsPerAddress: number;
  readonly handshakesPerAddress: number;
  /** Wall milliseconds from connecting until somebody is logged on. */
  readonly logonMs: number;
  /** Wall milliseconds without a request. Keep-alive of SSH is none, but it keeps a dead peer from staying. */
  readonly idleMs: number;
}

/** Mock conventions: HKEX publishes no limit. */
export const SFTP_LIMITS: DoorstepLimits = {
  connectionsPerAddress: 512,
  handshakesPerAddress: 128,
  logonMs: 60_000,
  idleMs: 900_000,
};

export interface DoorstepOptions {
  readonly limits: DoorstepLimits;
  /** Market time, for `Connection.since`. */
  readonly now: () => Instant;
  /** Takes a socket that was let in. */
  readonly enter: (visit: Visit) => void;
  readonly turnedAway: (visit: Visit, code: 'TOO_MANY_CONNECTIONS' | 'TOO_MANY_HANDSHAKES') => void;
  readonly closed: (visit: Visit) => void;
}

export interface Doorstep {
  accept(socket: Socket, via: Via): void;
  visits(): ReadonlySet<Visit>;
  /** Somebody is logged on: from now on the idle time counts. */
  loggedOn(visit: Visit): void;
  /** Says good-bye and closes; a client that does not close is reset after a while. */
  leave(visit: Visit, end: Visit['end']): void;
  /** Resets every connection. */
  cut(): void;
  /** Resolves when nobody is left. */
  empty(): Promise<void>;
}

/** How long a client has to close once it was told to. */
const LINGER_MS = 1_000;

/** Before the SSH server: counts sockets against their address, and sees to it that none stays without doing anything. */
export function openDoorstep({ limits, now, enter, turnedAway, closed }: DoorstepOptions): Doorstep {
  const open = new Set<Visit>();
  const addresses = new Map<string, { open: number; handshakes: number }>();
  const waiting = new Set<() => void>();
  let count = 0;

  function accept(raw: Socket, via: Via) {
    raw.on('error', () => undefined); // 'close' tells of its end
    if (raw.remoteAddress === undefined || raw.remotePort === undefined) {
      raw.destroy(); // gone before it was accepted
      return;
    }
    const address = plainAddress(raw.remoteAddress);
    const visit = newVisit({ number: ++count, via, address, port: raw.remotePort, since: now() }, raw);
    const from = addresses.get(address) ?? { open: 0, handshakes: 0 };
    addresses.set(address, from);
    from.open++;
    from.handshakes++;
    open.add(visit);
    raw.once('close', () => gone(visit));
    if (from.open > limits.connectionsPerAddress) return refuse(visit, 'TOO_MANY_CONNECTIONS');
    if (from.handshakes > limits.handshakesPerAddress) return refuse(visit, 'TOO_MANY_HANDSHAKES');
    raw.allowHalfOpen = false;
    raw.setNoDelay(true);
    after(limits.logonMs, visit, (late) => {
      if (late.phase === 'handshake') leave(late, 'too late');
    });
    enter(visit);
  }

  function refuse(visit: Visit, code: 'TOO_MANY_CONNECTIONS' | 'TOO_MANY_HANDSHAKES') {
    visit.end = 'refused';
    turnedAway(visit, code);
    visit.raw.resetAndDestroy();
  }

  function leavePhase(visit: Visit, next: Visit['phase']) {
    const from = addresses.get(visit.connection.address);
    if (visit.phase === 'handshake' && from) from.handshakes--;
    visit.phase = next;
  }

  function gone(visit: Visit) {
    leavePhase(visit, 'leaving');
    open.delete(visit);
    const from = addresses.get(visit.connection.address);
    if (from && --from.open === 0) addresses.delete(visit.connection.address);
    for (const end of visit.atEnd) end();
    visit.transfers.clear();
    closed(visit);
    if (open.size === 0) for (const resolve of waiting) resolve();
  }

  function leave(visit: Visit, end: Visit['end']) {
    visit.end ??= end;
    if (visit.raw.destroyed) return;
    if (visit.ssh) visit.ssh.end();
    else visit.raw.destroySoon();
    after(LINGER_MS, visit, ({ raw }) => raw.destroy());
  }

  /** Looks again at the end of each idle time: closes between one and two of them after the last request. */
  function watchIdle(visit: Visit, requests: number) {
    after(limits.idleMs, visit, (later) => {
      if (later.raw.destroyed) return;
      if (later.requests === requests) leave(later, 'idle');
      else watchIdle(later, later.requests);
    });
  }

  return {
    accept,
    visits: () => open,
    loggedOn(visit) {
      leavePhase(visit, 'logged on');
      watchIdle(visit, visit.requests);
    },
    leave,
    cut() {
      for (const visit of open) {
        visit.end ??= 'cut';
        // A stream that is shutting down cannot be reset: libuv refuses, and the process would wait for it for ever.
        if (visit.raw.writableEnded) visit.raw.destroy();
        else visit.raw.resetAndDestroy();
      }
    },
    empty: () => (open.size === 0 ? Promise.resolve() : new Promise((resolve) => waiting.add(resolve))),
  };
}

/** Wall time, as all that has to do with sockets. A connection that is gone meanwhile is not kept in memory for it. */
function after(ms: number, visit: Visit, then: (visit: Visit) => void): void {
  const weak = new WeakRef(visit);
  const ring = () => {
    const there = weak.deref();
    if (there) then(there);
  };
  AbortSignal.timeout(ms).addEventListener('abort', ring, { once: true });
}

/** An IPv4 client of a dual-stack listener comes as ::ffff:a.b.c.d. */
function plainAddress(address: string): string {
  return isIPv6(address) && address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}
