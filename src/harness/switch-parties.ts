import type { Connected } from '../centre/listener.ts';
import type { SwitchParty } from '../failover/switchover.ts';
import { sessionHead } from '../service/journal-entries.ts';
import type { Clock } from '../testbed/clock/clock.ts';
import type { Journal } from '../testbed/journal/journal.ts';
import type { BuiltCentre } from './centre-core.ts';

/** Wall milliseconds that requests under way get to finish when a centre is drained. */
export const FINISH_MS = 5_000;

/** A centre as a switch sees it. */
export function switchParty(
  centre: BuiltCentre,
  connected: () => Connected,
  clock: Pick<Clock, 'now'>,
  journal: Journal,
  catchUp: () => Promise<void>,
): SwitchParty {
  return {
    store: centre.store,
    stopAdmitting() {
      centre.admitting = false;
    },
    finishRequests: () => connected().finished(FINISH_MS),
    pauseBatches: () => centre.service.batches.pause(),
    dropConnections: (mode) => (mode === 'drain' ? connected().drain() : connected().cut()),
    endSessions() {
      for (const session of centre.sessions.endAll('switch', clock.now())) {
        journal.note('session-ended', sessionHead(session), { why: 'switch' });
      }
      centre.service.orp.forgetSimulations();
    },
    async resume() {
      centre.admitting = true;
      journal.note('admits', { centre: centre.name }, {});
      centre.service.batches.resume();
      await catchUp();
    },
  };
}
