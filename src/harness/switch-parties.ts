import type { Connected } from '../centre/listener.ts';
import type { SwitchParty } from '../failover/switchover.ts';
import { sessionHead } from '../service/journal-entries.ts';
import type { Clock } from '../testbed/clock/clock.ts';
import type { Journal } from '../testbed/journal/journal.ts';
import type { BuiltCentre } from './centre-core.ts';

/**
 * A centre as a switch sees it.
 * @param finishMs wall milliseconds that the work under way gets when the centre is drained
 */
export function switchParty(
  centre: BuiltCentre,
  connected: () => Connected,
  finishMs: number,
  clock: Pick<Clock, 'now'>,
  journal: Journal,
  catchUp: () => Promise<void>,
): SwitchParty {
  return {
    store: centre.store,
    stopAdmitting() {
      centre.admitting = false;
    },
    finishRequests: () => connected().finished(finishMs),
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
