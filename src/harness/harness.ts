import { randomBytes, randomInt } from 'node:crypto';
import { join, resolve } from 'node:path';
import { pino } from 'pino';
import { startAdmin } from '../admin/admin.ts';
import { loadCertificates } from '../centre/tls/certificates.ts';
import { type ByProtocol, byProtocol, type Protocol } from '../domain/access/protocol.ts';
import type { CentreName } from '../domain/nouns/market.ts';
import { reconcile } from '../failover/recovery.ts';
import { createSwitchover, other } from '../failover/switchover.ts';
import { compiledLayouts } from '../loading/layouts.ts';
import { loadFixtures } from '../loading/loading.ts';
import { seedChanges } from '../loading/seed.ts';
import { readOwnImrpf } from '../loading/user-imrpf.ts';
import { VERSION } from '../package.ts';
import { createClock, wallTime } from '../testbed/clock/clock.ts';
import { createJournal } from '../testbed/journal/journal.ts';
import { byAddress, named, type Ports } from './addresses.ts';
import { type BuiltCentre, buildCentre } from './centre-core.ts';
import { openLines, openListeners } from './listeners.ts';
import { localControl } from './local-control.ts';
import type { Harness, HarnessOptions } from './options.ts';
import { keepers } from './persistence.ts';
import { demoKey, demoKeyChanges, hostKeysOf, namesOf, rapAccess, registerDemoKey } from './rap-access.ts';
import { activeAt, fixtureChoice, lastEntry, lastInstant, recoveredWords, startOfTime } from './restart.ts';
import { daysOfTrades, riskSetup } from './risk-setup.ts';
import { startByItself } from './scheduled-work.ts';
import { seedInstructions } from './seeding.ts';
import { FINISH_MS, side, steered, url } from './switch-parties.ts';

const UPLOAD_LIMIT_BYTES = 256 * 1024 * 1024;

/**
 * Starts a harness: two data centres, the line that leads to the active one, and the admin server. Rejects with an
 * error that names the next step (FixturesRefused, CertificateError, a bind's EADDRINUSE, a data folder of another
 * version) and leaves nothing open then.
 */
export async function startHarness(options: HarnessOptions = {}): Promise<Harness> {
  const open = new AsyncDisposableStack();
  try {
    const harness = await start(options, open);
    const all = open.move();
    let stopping: Promise<void> | undefined;
    const stop = () => (stopping ??= all.disposeAsync());
    return { ...harness, stop, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await open.disposeAsync();
    throw error;
  }
}

async function start(options: HarnessOptions, open: AsyncDisposableStack): Promise<Running> {
  const kept = open.adopt(keepers(options.data, `ccass-harness ${VERSION}`), (all) => all.close());
  const before = kept.notebook.read();
  const fixtures = await loadFixtures(fixtureChoice(options, before));
  const { rehearsal } = fixtures;
  const seed = options.seed ?? before?.seed ?? randomInt(2 ** 32);
  const logger = pino({ level: options.log ?? 'warn' }, pino.destination(2));

  // What is made later and needed earlier, by alarms and listeners that are not open until then.
  const late: { active: () => BuiltCentre; lineUrls: ByProtocol<string>; catchUp: () => Promise<void> } = {
    active: () => centres.primary,
    lineUrls: byProtocol(() => ''),
    catchUp: async () => undefined,
  };
  const clock = createClock({
    ...startOfTime(options, before, rehearsal),
    underWay: () => {
      const { desk, orp } = late.active().service;
      const batches = desk.underWay();
      const simulations = orp.idle();
      return async () => {
        // The other centre goes on with them, should an alarm switch over.
        const { service } = late.active();
        await service.desk.done(batches);
        await service.riskDesk.idle();
        await simulations;
      };
    },
    onError: (error, alarm) => {
      logger.error(error, `alarm ${alarm}`);
      journal.note({ kind: 'error', detail: { what: `the alarm "${alarm}" failed`, says: String(error) } });
    },
  });
  open.defer(() => clock.stop());
  const journal = createJournal({ clock, ...(kept.journalDir === undefined ? {} : { dir: kept.journalDir }) });
  open.defer(() => journal.close());
  const since = before?.since ?? clock.now();
  const registered = new Set(before?.registered ?? rehearsal.registration?.participants ?? []);

  const shared = {
    fixtures,
    layouts: compiledLayouts(fixtures),
    risk: riskSetup(fixtures, seed, since, {
      ownImrpf: options.imrpf === undefined ? null : await readOwnImrpf(options.imrpf),
      imrpfInstruments: options.imrpfInstruments,
    }),
    uploadLimitBytes: options.limits?.uploadBytes ?? UPLOAD_LIMIT_BYTES,
    clock,
    journal,
    line: (protocol: Protocol = 'https') => late.lineUrls[protocol],
    registered,
    since,
  };
  const [primary, backup] = [await kept.open('primary'), await kept.open('backup')];
  const centres = {
    primary: open.adopt(await buildCentre('primary', primary, shared), (centre) => centre.close()),
    backup: open.adopt(await buildCentre('backup', backup, shared), (centre) => centre.close()),
  };
  const certs = options.certs ?? (options.data === undefined ? undefined : join(options.data, 'certs'));
  const demo = fixtures.users.find((user) => user.role === 'maker');
  const risk = fixtures.users.find((user) => user.role === 'risk');
  const rapKey = await demoKey(certs, demo?.participant ?? '');
  const recovery = await reconcile(
    { primary: centres.primary.store, backup: centres.backup.store },
    activeAt(rehearsal, since),
    () => [
      ...seedChanges(fixtures, since, daysOfTrades(fixtures, seed, since)),
      ...demoKeyChanges(fixtures.participants, rapKey, since),
    ],
  );
  const { onProgress } = options;
  if (fixtures.instructions)
    await seedInstructions(
      { active: centres[recovery.active].store, other: centres[other(recovery.active)].store },
      fixtures.instructions,
      since,
      (share) => onProgress?.({ what: 'loading instructions', share }),
    );
  // After a crash the books or the journal may be further on than what was last written down of market time.
  const stood = Math.max(
    await lastInstant(centres.primary),
    await lastInstant(centres.backup),
    await lastEntry(journal),
  );
  if (stood > clock.now()) await clock.moveTo(stood);

  const hostKeys = hostKeysOf({ certs, show: options.hostKeys ?? 'same' });
  const certificates = await loadCertificates({ dir: certs ?? 'memory', names: options.san ?? [], at: wallTime() });
  for (const warning of certificates.warnings) logger.warn(warning.en);

  const host = options.host ?? '127.0.0.1';
  const ports: Partial<Ports> = options.ports ?? {};
  const limits = options.limits ?? {};
  const listening = { version: VERSION, certificates, hostKeys, limits, clock, journal, logger, host, ports };
  const listeners = {
    primary: await openListeners(centres.primary, listening, open),
    backup: await openListeners(centres.backup, listening, open),
  };

  const sideOf = (name: CentreName) => side(centres[name], listeners[name].all, clock, () => late.catchUp());
  let target = recovery.active;
  const switchover = open.adopt(
    await createSwitchover({
      sides: { primary: sideOf('primary'), backup: sideOf('backup') },
      active: recovery.active,
      line: {
        switchTo(name) {
          target = name;
        },
      },
      clock,
      journal,
      lagMs: options.lagMs ?? before?.lagMs ?? 0,
    }),
    (it) => it.stop(),
  );
  late.active = () => centres[switchover.active()];

  late.catchUp = startByItself(
    {
      ...{ fixtures, clock, since, active: () => late.active() },
      stores: [centres.primary.store, centres.backup.store],
      async switchTo(to) {
        if (to !== switchover.active()) await switchover.switchTo(to, 'drain');
      },
    },
    open,
  );

  const lines = await openLines(() => listeners[target], listening, open);
  late.lineUrls = byProtocol((protocol) => url(protocol, host, lines[protocol].port));
  // The line is stopped after this: nobody new comes in while what is under way finishes.
  open.defer(async () => {
    const last = late.active();
    last.admitting = false;
    await listeners[last.name].all.finished(FINISH_MS);
    await last.service.desk.pause();
    await last.store.idle();
  });

  const remember = () => {
    const { at, mode, rate } = clock.read();
    kept.notebook.write({
      rehearsal: rehearsal.id,
      choice: options.rehearsal ?? before?.choice ?? null,
      seed,
      at,
      mode,
      rate,
      lagMs: switchover.lagMs(),
      registered: [...registered].sort(),
      since,
    });
  };
  open.defer(remember);

  const control = localControl({
    version: VERSION,
    seed,
    days: fixtures,
    clock,
    journal,
    line: () => late.lineUrls.https,
    active: () => switchover.active(),
    switchTo: (to, mode) => switchover.switchTo(to, mode),
    lag: {
      read: () => switchover.lagMs(),
      set: (lagMs) => switchover.setLag(lagMs),
      behind: () => switchover.replication()?.behind().length ?? 0,
    },
    centres: {
      primary: steered(centres.primary, listeners.primary, host),
      backup: steered(centres.backup, listeners.backup, host),
    },
    registered,
    register(participant, isIn) {
      if (isIn) registered.add(participant);
      else registered.delete(participant);
    },
    broadcast: (message) => late.active().service.sendBroadcast(message),
    ownReports: {
      publish: (place, bytes) => late.active().service.publishOwnReport(place, bytes),
      withdraw: (place) => late.active().service.withdrawOwnReport(place),
    },
    rap: () => late.active().service.rap,
    addTrades: (trades) => late.active().service.addTrades(trades),
    remember,
  });
  const token = options.token ?? randomBytes(24).toString('base64url');
  const admin = open.adopt(
    await startAdmin({
      control,
      host,
      port: ports.admin ?? 0,
      token,
      version: VERSION,
      onFault: (fault) => {
        logger.error(fault);
        journal.note({ kind: 'error', detail: { what: 'the admin server', says: fault.message } });
      },
    }),
    (it) => it.close(),
  );

  // At the end comes first: no new connections, and what is under way is answered while both centres still stand.
  open.defer(async () => {
    await Promise.all(Object.values(lines).map((line) => line.stop()));
    await Promise.all(Object.values(listeners).map(({ all }) => all.retire(FINISH_MS)));
    await late.active().service.desk.pause();
  });

  const recovered = before
    ? recoveredWords(recovery, clock.now(), primary.leftovers + backup.leftovers, centres[recovery.active])
    : [];
  journal.note({
    kind: 'start',
    centre: recovery.active,
    detail: { version: VERSION, seed, rehearsal: rehearsal.id, recovered },
  });
  remember();
  const first = late.active();
  first.admitting = true;
  first.service.desk.resume();
  await late.catchUp();

  // Made anew since the books began: the old one's private half is gone.
  await registerDemoKey(first, rapKey);

  const bound = byAddress((protocol, place) =>
    place === 'line' ? lines[protocol].port : listeners[place].of[protocol].port,
  );
  return {
    control,
    addresses: named(
      byAddress((protocol, place) => url(protocol, host, bound[protocol][place])),
      url('http', host, admin.port),
    ),
    ca: certificates.ca,
    caPath: certs === undefined ? null : resolve(certs, 'ca.pem'),
    token,
    seed,
    version: VERSION,
    demo: { participant: demo?.participant ?? '', user: demo?.id ?? '', password: DEMO_PASSWORD, channel: 'C3T' },
    orp: risk ? { participant: risk.participant, user: risk.id, password: DEMO_PASSWORD } : null,
    rap: await rapAccess({
      key: rapKey,
      password: DEMO_PASSWORD,
      certs,
      hostKeys,
      names: namesOf(host, options.san ?? []),
      ports: bound.sftp,
    }),
    recovered,
  };
}

type Running = Omit<Harness, 'stop' | typeof Symbol.asyncDispose>;

/** The password of every user in fixtures/market/users.json. */
const DEMO_PASSWORD = 'Rehearsal-2021';
