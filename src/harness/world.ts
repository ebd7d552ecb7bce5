import { randomInt } from 'node:crypto';
import type { FastifyBaseLogger } from 'fastify';
import type { Control } from '../control/control.ts';
import type { Protocol } from '../domain/access/protocol.ts';
import type { Recovery } from '../domain/change.ts';
import type { CentreName, Instant } from '../domain/nouns/market.ts';
import { reconcile } from '../failover/recovery.ts';
import { other } from '../failover/switchover.ts';
import { compiledLayouts } from '../loading/layouts.ts';
import { type Fixtures, loadFixtures } from '../loading/loading.ts';
import { seedChanges } from '../loading/seed.ts';
import { readUserImrpf } from '../loading/user-imrpf.ts';
import { VERSION } from '../package.ts';
import { createClock, type TestClock } from '../testbed/clock/clock.ts';
import { Journal } from '../testbed/journal/journal.ts';
import { type BuiltCentre, buildCentre } from './centre-core.ts';
import { allLimits } from './limits.ts';
import { localControl } from './local-control.ts';
import { healedWords, noteHealed, openBooks, recordsHealed } from './open-books.ts';
import type { HarnessOptions } from './options.ts';
import { joinCentres, type Pair } from './pair.ts';
import { openPersistence, type Remembered, recordSaver } from './persistence.ts';
import { type DemoKey, demoKey, demoKeyChanges, registerDemoKey } from './rap-access.ts';
import { type ByCentre, NO_REACH, type Reach } from './reach.ts';
import {
  activeAt,
  digestOf,
  filesLost,
  firstInstant,
  fixtureChoice,
  lastEntry,
  lastInstant,
  recordLost,
  recoveredWords,
  startOfTime,
} from './restart.ts';
import { daysOfTrades, riskSetup } from './risk-setup.ts';
import { noteOpenWindow } from './scheduled-work.ts';
import { seedInstructions } from './seeding.ts';

/**
 * One market: two centres with their books and services, a clock, a journal, the switch between the centres, and Control. It
 * has no sockets; `setReach` gives it the connections and URLs of its listeners once they are open.
 */
export interface World {
  readonly seed: number;
  readonly fixtures: Fixtures;
  readonly clock: TestClock;
  readonly journal: Journal;
  readonly centres: ByCentre<BuiltCentre>;
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

  let pair: Pair | undefined;
  const { clock, journal } = openTime(
    options,
    before,
    fixtures,
    persistence.journalDir,
    () => pair?.active(),
    logger,
    open,
  );
  const registered = new Set(before?.registered ?? fixtures.rehearsal.registration?.participants ?? []);
  let reach: Reach = NO_REACH;

  const { finishMs, uploadBytes, rapCsvBytes } = allLimits(options.limits);
  const lagMs = options.lagMs ?? before?.lagMs ?? 0;
  const { acceptLoss = false } = options;
  const { books, healed } = await openBooks({
    ...{ persistence, clock, isUsed },
    lagMs: before?.lagMs ?? lagMs,
    acceptLoss,
  });
  open.defer(() => books.primary.close());
  open.defer(() => books.backup.close());
  const since =
    before?.since ?? (await firstInstant(books.primary)) ?? (await firstInstant(books.backup)) ?? clock.now();
  const shared = {
    ...{ fixtures, clock, journal, registered, since },
    layouts: compiledLayouts(fixtures),
    risk: riskSetup(fixtures, seed, since, {
      userImrpf: options.imrpf === undefined ? null : await readUserImrpf(options.imrpf),
      imrpfInstruments: options.imrpfInstruments,
    }),
    uploadLimitBytes: uploadBytes,
    line: (protocol: Protocol = 'https') => reach.lines[protocol],
  };
  const centres = {
    primary: open.adopt(buildCentre('primary', books.primary.store, shared), (centre) => centre.close()),
    backup: open.adopt(buildCentre('backup', books.backup.store, shared), (centre) => centre.close()),
  };
  const rapKey = await demoKey(options.certs, demoUser(fixtures)?.participant ?? '');
  const recovery = await fillBooks(centres, {
    fixtures,
    seed,
    since,
    rapKey,
    acceptLoss,
    onProgress: options.onProgress,
  });
  await catchUpWithRecords(clock, journal, centres);

  pair = await joinCentres({
    ...{ fixtures, clock, journal, since, centres, open },
    active: recovery.active,
    ...{ lagMs, finishMs },
    connected: (name) => reach.connected[name],
  });
  const { switchover, active, catchUp } = pair;

  const remember = recordSaver(persistence.notebook, journal, () => {
    const { at, mode, rate } = clock.read();
    return {
      ...{ seed, at, mode, rate, since },
      rehearsal: fixtures.rehearsal.id,
      choice: options.rehearsal ?? before?.choice ?? null,
      lagMs: switchover.lagMs(),
      registered: [...registered].sort(),
    };
  });
  open.defer(remember);
  const control = localControl({
    ...{ version: VERSION, seed, days: fixtures, clock, journal, switchover, centres, registered, remember },
    rapCsvBytes,
    reach: () => reach,
    service: () => active().service,
  });
  const allHealed = [...recordsHealed(persistence.notebook), ...healed];
  const recovered = isUsed
    ? [...recoveredWords(recovery, clock.now(), persistence.leftovers(), active()), ...allHealed.map(healedWords)]
    : [];

  return {
    ...{ seed, fixtures, clock, journal, centres, rapKey, control, recovered },
    active: () => switchover.active(),
    setReach(opened) {
      reach = opened;
    },
    async begin() {
      const { rehearsal } = fixtures;
      const run = { version: VERSION, seed, rehearsal: rehearsal.id, timetableSha256: digestOf(rehearsal) };
      journal.note('start', { centre: recovery.active }, { ...run, ...(isUsed && { recovered }) });
      for (const one of allHealed) noteHealed(journal, one);
      persistence.onHealedBlob((centre, blob) =>
        noteHealed(journal, { what: 'blob', centre, from: other(centre), ...blob }),
      );
      if (!isUsed) noteOpenWindow(journal, rehearsal, clock.now());
      remember();
      const first = active();
      first.admitting = true;
      first.service.batches.resume();
      await catchUp();
      // A key in memory is new at each start.
      await registerDemoKey(first, rapKey);
    },
    pauseBatches: () => active().service.batches.pause(),
    async finish() {
      const last = active();
      last.admitting = false;
      await reach.connected[last.name].finished(finishMs);
      await last.service.batches.pause();
      await last.store.idle();
    },
  };
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

interface Filling {
  readonly fixtures: Fixtures;
  readonly seed: number;
  readonly since: Instant;
  readonly rapKey: DemoKey;
  readonly acceptLoss: boolean;
  readonly onProgress: HarnessOptions['onProgress'];
}

/** Makes both centres' books equal, and fills new ones from the fixtures. */
async function fillBooks(centres: ByCentre<BuiltCentre>, filling: Filling): Promise<Recovery> {
  const { fixtures, seed, since, rapKey, acceptLoss, onProgress } = filling;
  const stores = { primary: centres.primary.store, backup: centres.backup.store };
  const recovery = await reconcile(stores, {
    first: activeAt(fixtures.rehearsal, since),
    seed: () => [
      ...seedChanges(fixtures, since, daysOfTrades(fixtures, seed, since)),
      ...demoKeyChanges(fixtures.participants, rapKey, since),
    ],
    acceptLoss,
  }).catch(filesLost);
  if (fixtures.instructions) {
    const { active } = recovery;
    const both = { active: stores[active], other: stores[other(active)] };
    await seedInstructions(both, fixtures.instructions, since, (share) =>
      onProgress?.({ what: 'loading instructions', share }),
    );
  }
  return recovery;
}

/** After a crash the books or the journal may be newer than the saved market time. */
async function catchUpWithRecords(clock: TestClock, journal: Journal, { primary, backup }: ByCentre<BuiltCentre>) {
  const newest = Math.max(await lastInstant(primary), await lastInstant(backup), await lastEntry(journal));
  if (newest > clock.now()) await clock.moveTo(newest);
}
