import type { Rehearsal, RehearsalSession } from '../domain/calendar/rehearsal.ts';
import type { CentreName, Instant } from '../domain/nouns/market.ts';
import type { Fixtures } from '../loading/loading.ts';
import { startMarketDay } from '../service/day/alarms.ts';
import { startAutoCounterparty } from '../service/day/auto-counterparty-alarm.ts';
import type { Store } from '../store/store.ts';
import type { Clock } from '../testbed/clock/clock.ts';
import type { Journal } from '../testbed/journal/journal.ts';
import type { BuiltCentre } from './centre-core.ts';

interface ScheduledWork {
  readonly fixtures: Fixtures;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly since: Instant;
  readonly active: () => BuiltCentre;
  readonly stores: readonly Store[];
  readonly switchTo: (centre: CentreName) => Promise<void>;
}

/** Starts timed work on the active centre; returns a function that runs whatever was missed. */
export function startScheduledWork(
  { fixtures, clock, journal, since, active, stores, switchTo }: ScheduledWork,
  open: AsyncDisposableStack,
): () => Promise<void> {
  const service = () => active().service;
  const marketDay = open.adopt(
    startMarketDay({
      days: fixtures,
      clock,
      since,
      async run({ run, key, date, at, availableAt }) {
        await service().runReport(run, { key, businessDate: date, at, availableAt });
      },
      async marketRun(run) {
        await service().marketRun(run);
      },
      async riskRuns() {
        await service().riskRuns.pending();
      },
      rollBack: (rollBack) => service().rollBack(rollBack),
      switchTo,
      window: (event, session) => noteWindow(journal, event, session),
      async notice({ kind, subject, text }) {
        await service().sendBroadcast({ kind, subject, text });
      },
    }),
    (it) => it.stop(),
  );
  const opposites = open.adopt(
    startAutoCounterparty({
      clock,
      afterMinutes: fixtures.settlementRules.autoCounterparty?.afterMinutes ?? null,
      input: () => service().inputOpposites(),
    }),
    (it) => it.stop(),
  );
  for (const store of stores) store.onCommit(opposites.sawCommits);
  return async () => {
    // A start or a switch does not wait for margin runs: the next run does them, or the gate at the first verb that needs them.
    service().riskRuns.recheck();
    await opposites.catchUp();
    await marketDay.catchUp();
  };
}

/** Notes the sessions of the rehearsal that are open at the start, since their opening events are past. */
export function noteOpenWindow(journal: Journal, { sessions }: Rehearsal, at: Instant): void {
  for (const session of sessions) if (session.from <= at && at < session.to) noteWindow(journal, 'opened', session);
}

function noteWindow(journal: Journal, event: 'opened' | 'closed', session: RehearsalSession): void {
  const { id, name, centre, release } = session;
  journal.note('window', { centre }, { id, event, name, release });
}
