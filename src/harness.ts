import { randomBytes, randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pino } from 'pino';
import { startAdmin } from './admin/admin.ts';
import { type Centre, startCentre } from './centre/centre.ts';
import { loadCertificates } from './centre/certificates.ts';
import { HTTP_TIMEOUTS } from './centre/https.ts';
import { formatHkt } from './domain/calendar.ts';
import type { Recovery } from './domain/change.ts';
import type { CentreName, Instant } from './domain/nouns.ts';
import type { Rehearsal } from './domain/rehearsal.ts';
import { startLine } from './failover/line.ts';
import { reconcile } from './failover/recovery.ts';
import { createSwitchover, type Side } from './failover/switchover.ts';
import { loadFixtures, seedChanges } from './fixtures.ts';
import { type BuiltCentre, buildCentre, compiledLayouts } from './harness/built-centre.ts';
import { keepers, type Remembered } from './harness/keepers.ts';
import { localControl } from './harness/local-control.ts';
import type { Harness, HarnessOptions, Limits } from './harness-options.ts';
import { startAutoCounterparty } from './market-day/auto-counterparty.ts';
import { startMarketDay } from './market-day/market-day.ts';
import { createClock, type TestClock, wallTime } from './testbed/clock.ts';
import { createJournal, type Journal } from './testbed/journal.ts';

/** Wall time that requests under way get to finish when a centre is drained. */
const FINISH_MS = 5_000;
const UPLOAD_LIMIT_BYTES = 256 * 1024 * 1024;

const { version: VERSION } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as {
  version: string;
};

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

  // What is made later and asked for earlier, by alarms and doors that stay shut until then.
  const late: { active: () => BuiltCentre; lineUrl: string; catchUp: () => Promise<void> } = {
    active: () => centres.primary,
    lineUrl: '',
    catchUp: async () => undefined,
  };
  const clock = createClock({
    ...startOfTime(options, before, rehearsal),
    idle: () => late.active().service.desk.idle(),
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
    layouts: compiledLayouts(fixtures.layouts),
    uploadLimitBytes: options.limits?.uploadBytes ?? UPLOAD_LIMIT_BYTES,
    clock,
    journal,
    line: () => late.lineUrl,
    registered,
  };
  const [primary, backup] = [await kept.open('primary'), await kept.open('backup')];
  const centres = {
    primary: open.adopt(await buildCentre('primary', primary, shared), (centre) => centre.close()),
    backup: open.adopt(await buildCentre('backup', backup, shared), (centre) => centre.close()),
  };
  const recovery = await reconcile(
    { primary: centres.primary.store, backup: centres.backup.store },
    activeAt(rehearsal, since),
    () => seedChanges(fixtures, since),
  );
  // After a crash the books or the journal may be further on than what was last written down of market time.
  const stood = Math.max(
    await lastInstant(centres.primary),
    await lastInstant(centres.backup),
    await lastEntry(journal),
  );
  if (before && stood > clock.now()) await clock.moveTo(stood);

  const certs = options.certs ?? (options.data === undefined ? undefined : join(options.data, 'certs'));
  const certificates = await loadCertificates({ dir: certs ?? 'memory', names: options.san ?? [], at: wallTime() });
  for (const warning of certificates.warnings) logger.warn(warning.en);

  const host = options.host ?? '127.0.0.1';
  const ports = options.ports ?? { line: 0, primary: 0, backup: 0, admin: 0 };
  const listen = async (name: CentreName): Promise<Centre> =>
    open.adopt(
      await startCentre({
        name,
        version: VERSION,
        identity: certificates.centres[name],
        timeouts: { ...HTTP_TIMEOUTS, ...options.limits },
        doorway: doorwayLimits(options.limits ?? {}),
        service: centres[name].service,
        clock,
        journal,
        logger,
        host,
        port: ports[name],
      }),
      (face) => face.stop(),
    );
  const faces = { primary: await listen('primary'), backup: await listen('backup') };

  const sideOf = (name: CentreName) => side(centres[name], faces[name], clock, () => late.catchUp());
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

  const marketDay = open.adopt(
    startMarketDay({
      days: fixtures,
      clock,
      since,
      async run({ run, date, at, availableAt }) {
        await late.active().service.runReport(run, { businessDate: date, at, availableAt });
      },
      async marketRun({ final, ...run }) {
        const { service } = late.active();
        if ((await service.marketRun(run)) && final) await service.sendBroadcast(FINAL_RUN);
      },
      rollBack: (rollBack) => late.active().service.rollBack(rollBack),
      async switchTo(to) {
        if (to !== switchover.active()) await switchover.switchTo(to, 'drain');
      },
      async notice({ kind, subject, text }) {
        await late.active().service.sendBroadcast({ kind, subject, text });
      },
    }),
    (it) => it.stop(),
  );
  const opposites = open.adopt(
    startAutoCounterparty({
      clock,
      afterMinutes: fixtures.settlementRules.autoCounterparty?.afterMinutes ?? null,
      input: () => late.active().service.inputOpposites(),
    }),
    (it) => it.stop(),
  );
  for (const { store } of Object.values(centres)) store.onCommit(opposites.sawCommits);
  late.catchUp = async () => {
    await opposites.catchUp();
    await marketDay.catchUp();
  };

  const line = open.adopt(
    await startLine({
      host,
      port: ports.line,
      target: () => faces[target],
      note: (error) => logger.warn(error, 'the line could not hand a connection on'),
    }),
    (it) => it.stop(),
  );
  late.lineUrl = url('https', host, line.port);
  // The line is stopped after this: nobody new comes in while what is under way finishes.
  open.defer(async () => {
    const last = late.active();
    last.admitting = false;
    await faces[last.name].finished(FINISH_MS);
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
    line: () => late.lineUrl,
    active: () => switchover.active(),
    switchTo: (to, mode) => switchover.switchTo(to, mode),
    lag: {
      read: () => switchover.lagMs(),
      set: (lagMs) => switchover.setLag(lagMs),
      behind: () => switchover.replication()?.behind().length ?? 0,
    },
    centres: {
      primary: steered(centres.primary, faces.primary, host),
      backup: steered(centres.backup, faces.backup, host),
    },
    registered,
    register(participant, isIn) {
      if (isIn) registered.add(participant);
      else registered.delete(participant);
    },
    broadcast: (message) => late.active().service.sendBroadcast(message),
    remember,
  });
  const token = options.token ?? randomBytes(24).toString('base64url');
  const admin = open.adopt(
    await startAdmin({
      control,
      host,
      port: ports.admin,
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
    await line.stop();
    await Promise.all([faces.primary.retire(FINISH_MS), faces.backup.retire(FINISH_MS)]);
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

  const demo = fixtures.users.find((user) => user.role === 'maker');
  return {
    control,
    addresses: {
      line: late.lineUrl,
      primary: url('https', host, faces.primary.port),
      backup: url('https', host, faces.backup.port),
      admin: url('http', host, admin.port),
    },
    ca: certificates.ca,
    caPath: certs === undefined ? null : resolve(certs, 'ca.pem'),
    token,
    seed,
    version: VERSION,
    demo: { participant: demo?.participant ?? '', user: demo?.id ?? '', password: DEMO_PASSWORD, channel: 'C3T' },
    recovered,
  };
}

/** That a broadcast message tells the end of the final run is published (SI Maintenance); its words are ours. */
const FINAL_RUN = {
  kind: 'final-run',
  subject: { en: 'Final batch settlement run complete', zh: '最後一次批次交收已完成' },
  text: {
    en: 'SIMULATED. The final batch settlement run of today is complete; SI input is open again until 19:00.',
    zh: '模擬：今日最後一次批次交收已完成；交收指示輸入重新開放至下午 7 時。',
  },
} as const;

type Running = Omit<Harness, 'stop' | typeof Symbol.asyncDispose>;

/** The password of every user in fixtures/market/users.json. */
const DEMO_PASSWORD = 'Rehearsal-2021';

/** A data folder goes on with the rehearsal that it was begun with. */
function fixtureChoice(options: HarnessOptions, before: Remembered | null) {
  if (
    before &&
    options.rehearsal !== undefined &&
    options.rehearsal !== before.choice &&
    options.rehearsal !== before.rehearsal
  ) {
    throw new Error(
      `${options.data} was begun with the rehearsal ${before.rehearsal}, not ${options.rehearsal}: start without --rehearsal, or with another --data folder.`,
    );
  }
  const rehearsal = options.rehearsal ?? before?.choice ?? undefined;
  return {
    ...(rehearsal === undefined ? {} : { rehearsal }),
    ...(options.market === undefined ? {} : { market: options.market }),
    ...(options.layouts === undefined ? {} : { layouts: options.layouts }),
    ...(options.reports === undefined ? {} : { reports: options.reports }),
  };
}

/** A restart goes on where market time stood; a start begins where the options, or else the rehearsal, say. */
function startOfTime(options: HarnessOptions, before: Remembered | null, rehearsal: Rehearsal) {
  if (before) return { at: before.at, mode: options.clock ?? before.mode, rate: options.rate ?? before.rate };
  const at = options.at ?? rehearsal.start ?? 'now';
  return { at, mode: options.clock ?? (rehearsal.start === null ? 'running' : 'frozen'), rate: options.rate ?? 1 };
}

/** The centre that the timetable has active at an instant: what the last switch before it said. */
function activeAt(rehearsal: Rehearsal, at: Instant): CentreName {
  const past = rehearsal.switches.filter((one) => one.at <= at).sort((a, b) => a.at - b.at);
  return past.at(-1)?.to ?? rehearsal.active;
}

async function lastInstant({ store }: BuiltCentre): Promise<Instant> {
  let last = 0;
  for await (const commit of store.since(store.head().index - 1)) last = commit.at;
  return last;
}

async function lastEntry(journal: Journal): Promise<Instant> {
  const [entry] = await journal.query({ after: journal.size - 1 });
  return entry?.at ?? 0;
}

function side(centre: BuiltCentre, face: Centre, clock: TestClock, catchUp: () => Promise<void>): Side {
  return {
    store: centre.store,
    stopAdmitting() {
      centre.admitting = false;
    },
    finishRequests: () => face.finished(FINISH_MS),
    pauseBatches: () => centre.service.desk.pause(),
    dropConnections: (mode) => (mode === 'drain' ? face.drain() : face.cut()),
    endSessions() {
      centre.sessions.endAll('switch', clock.now());
    },
    async resume() {
      centre.admitting = true;
      centre.service.desk.resume();
      await catchUp();
    },
  };
}

function steered(centre: BuiltCentre, face: Centre, host: string) {
  return {
    store: centre.store,
    url: () => url('https', host, face.port),
    sessions: () => centre.sessions.count(),
    connections: () => face.connections(),
    batchesUnderWay: () => centre.service.desk.underWay(),
  };
}

function recoveredWords(recovery: Recovery, at: Instant, leftovers: number, active: BuiltCentre): string[] {
  const { epoch, shipped, rewound, lost, lostBatches } = recovery;
  const { index } = active.store.head();
  const unfinished = active.service.desk.underWay();
  return [
    `the books stand at ${epoch}:${index}, active centre ${recovery.active}, market time ${formatHkt(at, 'seconds')}`,
    ...(shipped > 0 ? [`${shipped} commits were given to the other centre`] : []),
    ...(rewound
      ? [
          `the ${rewound} centre was taken back: ${lost.length} changes, batches lost: ${lostBatches.join(', ') || 'none'}`,
        ]
      : []),
    ...(leftovers > 0 ? [`${leftovers} uploads had broken off and were removed`] : []),
    ...(unfinished > 0 ? [`${unfinished} acknowledged batches go on where they stood`] : []),
  ];
}

function doorwayLimits({ firstByteMs, connectionsPerAddress, handshakesPerAddress }: Limits) {
  return {
    ...(firstByteMs === undefined ? {} : { firstByteTimeoutMs: firstByteMs }),
    ...(connectionsPerAddress === undefined ? {} : { connectionsPerAddress }),
    ...(handshakesPerAddress === undefined ? {} : { handshakesPerAddress }),
  };
}

/** How a client on this machine reaches it: one that listens everywhere is told as localhost, a name the certificates have. */
function url(scheme: 'http' | 'https', host: string, port: number): string {
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `${scheme}://${name}:${port}`;
}
