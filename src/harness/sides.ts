import type { Centre } from '../centre/centre.ts';
import type { Side } from '../failover/switchover.ts';
import type { Limits } from '../harness-options.ts';
import type { Clock } from '../testbed/clock.ts';
import type { BuiltCentre } from './built-centre.ts';
import type { SteeredCentre } from './local-control.ts';

/** Wall time that requests under way get to finish when a centre is drained. */
export const FINISH_MS = 5_000;

/** A centre as a switch sees it. */
export function side(centre: BuiltCentre, face: Centre, clock: Pick<Clock, 'now'>, catchUp: () => Promise<void>): Side {
  return {
    store: centre.store,
    stopAdmitting() {
      centre.admitting = false;
    },
    finishRequests: () => face.finished(FINISH_MS),
    pauseBatches: () => centre.service.desk.pause(),
    dropConnections: (mode) => (mode === 'drain' ? face.drain() : face.cut()),
    endSessions() {
      centre.sessions.endAll('switch', clock.now());
    },
    async resume() {
      centre.admitting = true;
      centre.service.desk.resume();
      await catchUp();
    },
  };
}

/** A centre as Control sees it. */
export function steered(centre: BuiltCentre, face: Centre, host: string): SteeredCentre {
  return {
    store: centre.store,
    url: () => url('https', host, face.port),
    sessions: () => centre.sessions.count(),
    connections: () => face.connections(),
    batchesUnderWay: () => centre.service.desk.underWay(),
  };
}

/** The limits that the doorway is given. */
export function doorwayLimits({ firstByteMs, connectionsPerAddress, handshakesPerAddress }: Limits) {
  return {
    ...(firstByteMs === undefined ? {} : { firstByteTimeoutMs: firstByteMs }),
    ...(connectionsPerAddress === undefined ? {} : { connectionsPerAddress }),
    ...(handshakesPerAddress === undefined ? {} : { handshakesPerAddress }),
  };
}

/** How a client on this machine reaches it: one that listens everywhere is told as localhost, a name the certificates have. */
export function url(scheme: 'http' | 'https', host: string, port: number): string {
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `${scheme}://${name}:${port}`;
}
