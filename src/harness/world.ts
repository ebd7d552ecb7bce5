import { randomInt } from 'node:crypto';
import type { FastifyBaseLogger } from 'fastify';
import type { Control } from '../control/control.ts';
import type { CentreName } from '../domain/nouns/market.ts';
import { other } from '../failover/switchover.ts';
import { type Fixtures, loadFixtures } from '../loading/loading.ts';
import { readUserImrpf } from '../loading/user-imrpf.ts';
import { VERSION } from '../package.ts';
import type { CentreService } from '../service/service.ts';
import { createClock, type TestClock } from '../testbed/clock/clock.ts';
import { Journal } from '../testbed/journal/journal.ts';
import { createAttempts, replaceBooks } from './attempts.ts';
import { type BuiltCentre, openSessions } from './centre-core.ts';
import { allLimits } from './limits.ts';
import { localControl } from './local-control.ts';
import { type Market, openMarket } from './market.ts';
import { type Healed, healedWords, noteHealed, recordsHealed } from './open-books.ts';
import type { HarnessOptions } from './options.ts';
import { openPersistence, type Persistence, type Remembered, recordSaver } from './persistence.ts';
import { type DemoKey, demoKey, registerDemoKey } from './rap-access.ts';
import { type ByCentre, NO_REACH, type Reach } from './reach.ts';
import { digestOf, fixtureChoice, lastEntry, lastInstant, recordLost, recoveredWords, startOfTime } from './restart.ts';
import { noteOpenWindow } from './scheduled-work.ts';
import type { Standing, StartOfRun } from './snapshots.ts';

/** A centre as its listeners see it. */
export interface ServedCentre {
  readonly name: CentreName;
  /** A reset replaces it. */
  readonly service: () => CentreService;
}

/**
 * One market, its clock, its journal and Control. It has no sockets; `setReach` gives it the connections and URLs of its
 * listeners once they are open. A reset or a restore replaces the market and leaves all else.
 */
export interface World {
  readonly seed: number;
  readonly fixtures: Fixtures;
  readonly clock: TestClock;
  readonly journal: Journal;
  readonly centres: ByCentre<ServedCentre>;
  readonly rapKey: DemoKey;
  readonly control: Control;
  /** What a restart found in the data folder, as sentences; empty at a first start. */
  readonly recovered: readonly string[];
  active(): CentreName;
  setReach(reach: Reach): void;
  /** Admits requests, resumes unfinished batches and does the runs that are due. */
  begin(): Promise<void>;
  pauseBatches(): Promise<void>;
  /** Lets the work under way at the active centre finish, once no new connection can come. */
  finish(): Promise<void>;
}

interface WorldOptions extends HarnessOptions {
  /** Folder of certificates and keys. Default: in memory. */
  readonly certs?: string;
}

/** Creates a world that does not admit requests yet; `open` closes it. */
export async function createWorld(
  options: WorldOptions,
  logger: FastifyBaseLogger,
  open: AsyncDisposableStack,
): Promise<World> {
  const persistence = open.adopt(openPersistence(options.data, `ccass-harness ${VERSION}`), (all) => all.close());
  const before = persistence.notebook.read();
  const isUsed = before !== null || persistence.wasUsed();
  if (isUsed && !before && !options.acceptLoss) throw recordLost(options.data);
  const fixtures = await loadFixtures(fixtureChoice(options, before, isUsed));
  const seed = options.seed ?? before?.seed ?? randomInt(2 ** 32);
  // The run before ended in the middle of a reset or restore: it is repeated.
  const wasReplacing = before?.start !== undefined && before.replacing !== undefined;
  if (wasReplacing) await replaceBooks(persistence, before.start, persistence.snapshots, before.replacing);

  let market: Market | undefined;
  const { clock, journal } = openTime(
    options,
    before,
    fixtures,
    persistence.journalDir,
    () => market?.active(),
    logger,
    open,
  );
  let reach: Reach = NO_REACH;
  const { finishMs, uploadBytes, rapCsvBytes } = allLimits(options.limits);
  const setup = {
    ...{ persistence, fixtures, seed, clock, journal },
    registered: new Set(before?.registered ?? fixtures.rehearsal.registration?.participants ?? []),
    sessions: {
      primary: openSessions('primary', fixtures, journal),
      backup: openSessions('backup', fixtures, journal),
    },
    rapKey: await demoKey(options.certs, demoUser(fixtures)?.participant ?? ''),
    userImrpf: options.imrpf === undefined ? null : await readUserImrpf(options.imrpf),
    imrpfInstruments: options.imrpfInstruments,
    ...{ finishMs, uploadLimitBytes: uploadBytes },
    onProgress: options.onProgress,
    reach: () => reach,
  };
  const lagMs = options.lagMs ?? before?.lagMs ?? 0;
  const first = await openMarket(setup, {
    ...{ since: before?.since ?? null, lagMs, lagMsBefore: before?.lagMs ?? lagMs, isUsed },
    acceptLoss: options.acceptLoss ?? false,
    ...(wasReplacing
      ? before.replacing !== null && { epochAbove: before.highestEpoch ?? 0 }
      : { onBooks: (centres) => catchUpWithRecords(clock, journal, centres) }),
  });
  market = first;
  const current = () => market ?? first;
  open.defer(() => current().close());
  const { recovery, healed, since } = first;

  const start: StartOfRun = before?.start ?? {
    ...clock.read(),
    ...{ lagMs, registered: [...setup.registered].sort(), index: first.active().store.head().index },
  };
  const epochs = { highest: before?.highestEpoch ?? 0 };
  let replacement: { readonly name: string | null; readonly to: Standing } | undefined;
  const standing = (): Standing => ({
    ...clock.read(),
    lagMs: current().switchover.lagMs(),
    registered: [...setup.registered].sort(),
  });
  const remember = recordSaver(persistence.notebook, journal, () => ({
    ...{ seed, since, start, highestEpoch: epochs.highest },
    ...(replacement?.to ?? standing()),
    ...(replacement && { replacing: replacement.name }),
    rehearsal: fixtures.rehearsal.id,
    choice: options.rehearsal ?? before?.choice ?? null,
  }));
  open.defer(remember);

  async function begin(): Promise<void> {
    const { active, catchUp } = current();
    active().admitting = true;
    active().service.batches.resume();
    await catchUp();
    // A key in memory is new at each start.
    await registerDemoKey(active(), setup.rapKey);
  }

  const attempts = createAttempts({
    ...{ setup, epochs, snapshots: persistence.snapshots },
    market: current,
    start: () => start,
    replacing(name, to) {
      replacement = { name, to };
      remember();
    },
    async reopen(how) {
      market = await openMarket(setup, {
        ...{ since, lagMsBefore: how.lagMs, isUsed: true, acceptLoss: false },
        ...how,
      });
      replacement = undefined;
      remember();
    },
    async begin() {
      noteOpenWindow(journal, fixtures.rehearsal, clock.now());
      await begin();
    },
  });
  const control = localControl({
    ...{ version: VERSION, seed, days: fixtures, clock, journal, attempts, registered: setup.registered, remember },
    ...{ market: current, rapCsvBytes },
    reach: () => reach,
  });
  const allHealed = [...recordsHealed(persistence.notebook), ...healed];
  const recovered = isUsed
    ? [...recoveredWords(recovery, clock.now(), persistence.leftovers(), first.active()), ...allHealed.map(healedWords)]
    : [];
  const served = (name: CentreName): ServedCentre => ({ name, service: () => current().centres[name].service });

  return {
    ...{ seed, fixtures, clock, journal, control, recovered },
    rapKey: setup.rapKey,
    centres: { primary: served('primary'), backup: served('backup') },
    active: () => current().switchover.active(),
    setReach(opened) {
      reach = opened;
    },
    async begin() {
      const { rehearsal } = fixtures;
      const run = { version: VERSION, seed, rehearsal: rehearsal.id, timetableSha256: digestOf(rehearsal) };
      journal.note('start', { centre: recovery.active }, { ...run, ...(isUsed && { recovered }) });
      noteAllHealed(journal, persistence, allHealed);
      if (!isUsed) noteOpenWindow(journal, rehearsal, clock.now());
      remember();
      await begin();
    },
    pauseBatches: () => current().active().service.batches.pause(),
    async finish() {
      const last = current().active();
      last.admitting = false;
      await reach.connected[last.name].finished(setup.finishMs);
      await last.service.batches.pause();
      await last.store.idle();
    },
  };
}

function noteAllHealed(journal: Journal, persistence: Persistence, healed: readonly Healed[]): void {
  for (const one of healed) noteHealed(journal, one);
  persistence.onHealedBlob((centre, blob) =>
    noteHealed(journal, { what: 'blob', centre, from: other(centre), ...blob }),
  );
}

/** The demo user of CCASS in the banner and the documents. */
export function demoUser({ users }: Fixtures) {
  return users.find(({ role }) => role === 'maker');
}

/** Clock and journal; the clock waits for the work under way at the active centre. */
function openTime(
  options: HarnessOptions,
  before: Remembered | null,
  { rehearsal }: Fixtures,
  dir: string | undefined,
  active: () => BuiltCentre | undefined,
  logger: FastifyBaseLogger,
  open: AsyncDisposableStack,
): { readonly clock: TestClock; readonly journal: Journal } {
  const clock = createClock({
    ...startOfTime(options, before, rehearsal),
    underWay() {
      const { batches, orp } = active()?.service ?? {};
      const references = batches?.underWay() ?? [];
      const simulations = orp?.idle();
      return async () => {
        // If an alarm switches over, the other centre resumes them.
        const service = active()?.service;
        await service?.batches.done(references);
        await service?.riskRuns.idle();
        await simulations;
      };
    },
    onError: (error, alarm) => {
      logger.error(error, `alarm ${alarm}`);
      journal.note('error', {}, { what: `the alarm "${alarm}" failed`, says: String(error) });
    },
  });
  open.defer(() => clock.stop());
  const journal = new Journal({ clock, version: VERSION, ...(dir === undefined ? {} : { dir }) });
  open.defer(() => journal.close());
  return { clock, journal };
}

/** After a crash the books or the journal may be newer than the saved market time. */
async function catchUpWithRecords(clock: TestClock, journal: Journal, { primary, backup }: ByCentre<BuiltCentre>) {
  const newest = Math.max(await lastInstant(primary), await lastInstant(backup), await lastEntry(journal));
  if (newest > clock.now()) await clock.moveTo(newest);
}
