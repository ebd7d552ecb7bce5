import type { Connected } from '../centre/listener.ts';
import type { CentreName, Instant } from '../domain/nouns/market.ts';
import { isRefusal } from '../domain/refusal.ts';
import { createSwitchover, type Switchover } from '../failover/switchover.ts';
import type { Fixtures } from '../loading/loading.ts';
import type { TestClock } from '../testbed/clock/clock.ts';
import type { Journal } from '../testbed/journal/journal.ts';
import type { BuiltCentre } from './centre-core.ts';
import type { ByCentre } from './reach.ts';
import { startScheduledWork } from './scheduled-work.ts';
import { switchParty } from './switch-parties.ts';

/** The two centres as one service. */
export interface Pair {
  readonly switchover: Switchover;
  active(): BuiltCentre;
  /** Does every due run that the active centre's books lack. */
  catchUp(): Promise<void>;
}

/** Joins two centres: replication, the switch between them, and the work that the timetable schedules. */
export async function joinCentres(options: {
  readonly fixtures: Fixtures;
  readonly clock: TestClock;
  readonly journal: Journal;
  readonly since: Instant;
  readonly centres: ByCentre<BuiltCentre>;
  readonly active: CentreName;
  readonly lagMs: number;
  readonly finishMs: number;
  readonly connected: (name: CentreName) => Connected;
  readonly open: AsyncDisposableStack;
}): Promise<Pair> {
  const { fixtures, clock, journal, since, centres, active, lagMs, finishMs, connected, open } = options;
  const catchUp = () => runMissed();
  const partyOf = (name: CentreName) =>
    switchParty(centres[name], () => connected(name), finishMs, clock, journal, catchUp);
  const switchover = open.adopt(
    await createSwitchover({
      ...{ active, clock, journal, lagMs },
      parties: { primary: partyOf('primary'), backup: partyOf('backup') },
      // The line looks up the active centre at each connection.
      line: { switchTo: () => undefined },
    }),
    (it) => it.stop(),
  );
  const runMissed = startScheduledWork(
    {
      ...{ fixtures, clock, journal, since },
      active: () => centres[switchover.active()],
      stores: [centres.primary.store, centres.backup.store],
      async switchTo(to) {
        const answer = to === switchover.active() ? null : await switchover.switchTo(to, 'drain');
        if (isRefusal(answer)) {
          journal.note('error', { centre: to }, { what: 'the switch of the timetable', says: answer.detail.en });
        }
      },
    },
    open,
  );
  return { switchover, active: () => centres[switchover.active()], catchUp };
}
