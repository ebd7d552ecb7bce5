import type { Protocol } from '../domain/access/protocol.ts';
import type { Recovery } from '../domain/change.ts';
import type { CentreName, Instant } from '../domain/nouns/market.ts';
import { reconcile } from '../failover/recovery.ts';
import { other, type Switchover } from '../failover/switchover.ts';
import { compiledLayouts } from '../loading/layouts.ts';
import type { Fixtures } from '../loading/loading.ts';
import { seedChanges } from '../loading/seed.ts';
import type { Sessions } from '../service/access/sessions.ts';
import type { UserImrpf } from '../service/risk/setup.ts';
import type { TestClock } from '../testbed/clock/clock.ts';
import type { Journal } from '../testbed/journal/journal.ts';
import { type BuiltCentre, buildCentre } from './centre-core.ts';
import { type Healed, openBooks } from './open-books.ts';
import type { HarnessOptions } from './options.ts';
import { joinCentres } from './pair.ts';
import type { Persistence } from './persistence.ts';
import { type DemoKey, demoKeyChanges } from './rap-access.ts';
import type { ByCentre, Reach } from './reach.ts';
import { activeAt, filesLost, firstInstant } from './restart.ts';
import { daysOfTrades, riskSetup } from './risk-setup.ts';
import { seedInstructions } from './seeding.ts';

/** What outlives a market. */
export interface MarketSetup {
  readonly persistence: Persistence;
  readonly fixtures: Fixtures;
  readonly seed: number;
  readonly clock: TestClock;
  readonly journal: Journal;
  readonly registered: ReadonlySet<string>;
  /** By centre, so that a token of an earlier market is known to have ended. */
  readonly sessions: ByCentre<Sessions>;
  readonly rapKey: DemoKey;
  readonly userImrpf: UserImrpf | null;
  readonly imrpfInstruments: number | undefined;
  readonly uploadLimitBytes: number;
  /** Wall milliseconds that the work under way gets when a centre is drained. */
  readonly finishMs: number;
  readonly onProgress: HarnessOptions['onProgress'];
  readonly reach: () => Reach;
}

/** How the run before left the books. */
export interface MarketStart {
  /** When the books began; null = it is read from them. */
  readonly since: Instant | null;
  readonly lagMs: number;
  /** Replication lag of the run before. */
  readonly lagMsBefore: number;
  /** Whether a harness came up with this data before. */
  readonly isUsed: boolean;
  readonly acceptLoss: boolean;
  /** Opens an epoch above this one, at the centre that is active by the books. Left out: the books' last epoch goes on. */
  readonly epochAbove?: number;
  /** Called with the books of both centres, before anything is scheduled. */
  readonly onBooks?: (centres: ByCentre<BuiltCentre>) => Promise<void>;
}

/**
 * The part of a world that begins anew with a reset: both centres' books, services and scheduled work, joined by the switch.
 * It admits no requests until its active centre is told to.
 */
export interface Market {
  readonly centres: ByCentre<BuiltCentre>;
  readonly switchover: Switchover;
  readonly since: Instant;
  readonly recovery: Recovery;
  readonly healed: readonly Healed[];
  active(): BuiltCentre;
  /** Does every due run that the active centre's books lack. */
  catchUp(): Promise<void>;
  /** Ends the work under way after the commit that it is at, and closes the books. */
  close(): Promise<void>;
}

/** Opens the market of the books in `persistence`; fills new ones from the fixtures. Rejects with DataFolderError. */
export async function openMarket(setup: MarketSetup, start: MarketStart): Promise<Market> {
  const open = new AsyncDisposableStack();
  try {
    const market = await opened(setup, start, open);
    const all = open.move();
    return { ...market, close: () => all.disposeAsync() };
  } catch (error) {
    await open.disposeAsync();
    throw error;
  }
}

async function opened(
  setup: MarketSetup,
  start: MarketStart,
  open: AsyncDisposableStack,
): Promise<Omit<Market, 'close'>> {
  const { persistence, fixtures, seed, clock, journal, registered, reach } = setup;
  const { isUsed, lagMs, acceptLoss } = start;
  const { books, healed } = await openBooks({ persistence, clock, isUsed, lagMs: start.lagMsBefore, acceptLoss });
  open.defer(() => books.primary.close());
  open.defer(() => books.backup.close());
  const since = start.since ?? (await firstInstant(books.primary)) ?? (await firstInstant(books.backup)) ?? clock.now();
  const shared = {
    ...{ fixtures, clock, journal, registered, since },
    layouts: compiledLayouts(fixtures),
    risk: riskSetup(fixtures, seed, since, setup),
    uploadLimitBytes: setup.uploadLimitBytes,
    line: (protocol: Protocol = 'https') => reach().lines[protocol],
  };
  const built = (name: CentreName) =>
    open.adopt(buildCentre(name, books[name].store, shared, setup.sessions[name]), (centre) => centre.close());
  const centres = { primary: built('primary'), backup: built('backup') };
  const recovery = await fillBooks(centres, setup, since, start);
  await start.onBooks?.(centres);
  const pair = await joinCentres({
    ...{ fixtures, clock, journal, since, centres, lagMs, open },
    active: recovery.active,
    finishMs: setup.finishMs,
    connected: (name) => reach().connected[name],
  });
  return { ...pair, centres, since, recovery, healed };
}

/** Makes both centres' books equal, and fills new ones from the fixtures. */
async function fillBooks(
  centres: ByCentre<BuiltCentre>,
  { fixtures, seed, rapKey, onProgress }: MarketSetup,
  since: Instant,
  { isUsed, acceptLoss, epochAbove }: MarketStart,
): Promise<Recovery> {
  const stores = { primary: centres.primary.store, backup: centres.backup.store };
  const recovery = await reconcile(stores, {
    first: activeAt(fixtures.rehearsal, since),
    seed: () => [
      ...seedChanges(fixtures, since, daysOfTrades(fixtures, seed, since)),
      ...demoKeyChanges(fixtures.participants, rapKey, since),
    ],
    acceptLoss,
  }).catch(filesLost);
  const { active } = recovery;
  const both = { active: stores[active], other: stores[other(active)] };
  if (epochAbove !== undefined) {
    await both.active.fence();
    const opening = await both.active.openEpoch(epochAbove + 1, active);
    await both.other.applyCommits([opening]);
  }
  if (fixtures.instructions && !isUsed) {
    await seedInstructions(both, fixtures.instructions, since, (share) =>
      onProgress?.({ what: 'loading instructions', share }),
    );
  }
  return recovery;
}
