import type { Connected } from '../centre/listener.ts';
import type { Protocol } from '../domain/access/protocol.ts';
import type { Side } from '../failover/switchover.ts';
import type { Clock } from '../testbed/clock/clock.ts';
import type { BuiltCentre } from './centre-core.ts';
import type { CentreListeners } from './listeners.ts';
import type { SteeredCentre } from './local-control.ts';

/** Wall time that requests under way get to finish when a centre is drained. */
export const FINISH_MS = 5_000;

/** A centre as a switch sees it. */
export function side(
  centre: BuiltCentre,
  listeners: Connected,
  clock: Pick<Clock, 'now'>,
  catchUp: () => Promise<void>,
): Side {
  return {
    store: centre.store,
    stopAdmitting() {
      centre.admitting = false;
    },
    finishRequests: () => listeners.finished(FINISH_MS),
    pauseBatches: () => centre.service.desk.pause(),
    dropConnections: (mode) => (mode === 'drain' ? listeners.drain() : listeners.cut()),
    endSessions() {
      centre.sessions.endAll('switch', clock.now());
      centre.service.orp.forgetSimulations();
    },
    async resume() {
      centre.admitting = true;
      centre.service.desk.resume();
      await catchUp();
    },
  };
}

/** A centre as Control sees it. */
export function steered(centre: BuiltCentre, listeners: CentreListeners, host: string): SteeredCentre {
  return {
    store: centre.store,
    url: () => url('https', host, listeners.of.https.port),
    sessions: () => centre.sessions.count(),
    connections: () => listeners.all.connections(),
    batchesUnderWay: () => centre.service.desk.underWay().length,
  };
}

/** How a client on this machine reaches it: one that listens everywhere is told as localhost, a name the certificates have. */
export function url(scheme: 'http' | Protocol, host: string, port: number): string {
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `${scheme}://${name}:${port}`;
}
