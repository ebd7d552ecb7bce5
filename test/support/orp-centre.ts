import { instant } from '../../src/domain/calendar/calendar.ts';
import { put } from '../../src/domain/change.ts';
import { isRefusal, type Refusal } from '../../src/domain/refusal.ts';
import type { MarginRun } from '../../src/domain/risk/margin-run.ts';
import type { StressSet } from '../../src/domain/risk/stress-test.ts';
import { buildCentre } from '../../src/harness/centre-core.ts';
import { riskSetup } from '../../src/harness/risk-setup.ts';
import { compiledLayouts } from '../../src/loading/layouts.ts';
import { loadFixtures } from '../../src/loading/loading.ts';
import { seedChanges } from '../../src/loading/seed.ts';
import type { Session } from '../../src/service/access/sessions.ts';
import { MemoryBlobs } from '../../src/store/blobs/memory-blobs.ts';
import { createMemoryLog } from '../../src/store/log/memory-log.ts';
import { openStore } from '../../src/store/store.ts';
import { createClock } from '../../src/testbed/clock/clock.ts';
import { Journal } from '../../src/testbed/journal/journal.ts';

export const CALLER = { service: 'orp', address: '127.0.0.1', userAgent: '', connection: null } as const;

/** One centre without listeners on Monday 26 July 2021, Friday's runs done; no socket, no password. */
export async function orpCentre(more: { readonly stressSets?: readonly StressSet[] } = {}) {
  const fixtures = { ...(await loadFixtures()), ...more };
  const at = instant('2021-07-26T09:00');
  const clock = createClock({ at, mode: 'frozen' });
  const journal = new Journal({ clock, version: 'test' });
  const centre = buildCentre('primary', await openStore({ log: createMemoryLog(), blobs: new MemoryBlobs(), clock }), {
    ...{ fixtures, clock, journal, since: at, uploadLimitBytes: 1000 },
    ...{ layouts: compiledLayouts(fixtures), risk: riskSetup(fixtures, 1, at) },
    ...{ line: () => '', registered: new Set<string>() },
  });
  await centre.store.openEpoch(1, 'primary', []);
  await centre.store.transact(() => ({ changes: seedChanges(fixtures, at), answer: true }));
  centre.admitting = true;
  await centre.service.riskRuns.pending();
  const logOn = (user = 'RISK01', participant = 'B09901') => {
    const facts = { service: 'orp', participant, user, channel: null, centre: 'primary', startedAt: at } as const;
    return centre.sessions.start(facts);
  };
  return {
    ...{ centre, clock, journal, fixtures, orp: centre.service.orp },
    logOn,
    session: (user?: string, participant?: string): Session => logOn(user, participant).session,
    /** A run as in the books. */
    keep: (run: MarginRun) => centre.store.transact(() => ({ changes: [put('marginRun', run)], answer: true })),
    runs: (participant = 'B09901') => centre.store.books.marginRunsOf(participant),
    [Symbol.asyncDispose]: () => centre.close(),
  };
}
export type OrpCentre = Awaited<ReturnType<typeof orpCentre>>;

/** One turn of the event loop, in which work under way does one slice. */
export const aTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

export function taken<T>(answer: T): Exclude<T, Refusal> {
  if (isRefusal(answer)) throw new Error(`${answer.refusal}: ${answer.detail.en}`);
  return answer as Exclude<T, Refusal>;
}
