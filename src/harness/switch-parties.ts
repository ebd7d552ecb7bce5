import type { Connected } from '../centre/listener.ts';
import type { SwitchParty } from '../failover/switchover.ts';
import type { Clock } from '../testbed/clock/clock.ts';
import type { BuiltCentre } from './centre-core.ts';

/** Wall time that requests under way get to finish when a centre is drained. */
export const FINISH_MS = 5_000;

/** A centre as a switch sees it. */
export function switchParty(
  centre: BuiltCentre,
  connected: () => Connected,
  clock: Pick<Clock, 'now'>,
  catchUp: () => Promise<void>,
): SwitchParty {
  return {
    store: centre.store,
    stopAdmitting() {
      centre.admitting = false;
    },
    finishRequests: () => connected().finished(FINISH_MS),
    pauseBatches: () => centre.service.desk.pause(),
    dropConnections: (mode) => (mode === 'drain' ? connected().drain() : connected().cut()),
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
