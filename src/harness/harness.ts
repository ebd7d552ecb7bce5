import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { startAdmin } from '../admin/admin.ts';
import { HTTP_TIMEOUTS } from '../centre/https/https.ts';
import { DEMO_PASSWORD } from '../domain/access/demo.ts';
import { makeFolder } from '../loading/make-folder.ts';
import { VERSION } from '../package.ts';
import { openListeners } from './listeners.ts';
import { createLog } from './log.ts';
import type { Harness, HarnessOptions } from './options.ts';
import { namesOf, rapAccess } from './rap-access.ts';
import { createWorld, demoUser, type World } from './world.ts';

/**
 * Starts a harness: two data centres, the line that leads to the active one, and the admin server. Rejects with an
 * error that names the next step (FixturesRefused, CertificateError, a bind's EADDRINUSE, a data folder of another
 * version), and then leaves nothing open.
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

/** Opens a world, then its listeners, then the admin server; the last opened closes first. */
async function start(options: HarnessOptions, open: AsyncDisposableStack): Promise<Running> {
  const logger = createLog(options.log);
  const certs = options.certs ?? (options.data === undefined ? undefined : join(options.data, 'certs'));
  const resolvedOptions = { ...options, ...(certs === undefined ? {} : { certs }) };
  const host = options.host ?? '127.0.0.1';

  if (options.data !== undefined) await makeFolder(options.data, 0o700);
  if (certs !== undefined) await makeFolder(certs);
  const world = await createWorld(resolvedOptions, logger, open);
  const listeners = await openListeners({ ...resolvedOptions, host, logger, world }, open);
  world.setReach(listeners);
  // Runs once the lines are closed and the requests under way are answered.
  open.defer(() => world.finish());

  const { control, journal } = world;
  const token = options.token ?? randomBytes(24).toString('base64url');
  const admin = open.adopt(
    await startAdmin({
      ...{ control, host, token, version: VERSION },
      port: options.ports?.admin ?? 0,
      timeouts: { ...HTTP_TIMEOUTS, ...options.limits },
      onError: (error) => {
        logger.error(error);
        journal.note('error', { protocol: 'admin' }, { what: 'the admin server', says: error.message });
      },
    }),
    (it) => it.close(),
  );
  // Runs first at the end: no new connections, and requests under way are answered while both centres are still open.
  open.defer(async () => {
    await listeners.retire();
    await world.pauseBatches();
  });
  await world.begin();

  return {
    ...{ control, token },
    addresses: listeners.addresses(admin.port),
    ca: listeners.ca,
    leafDays: listeners.leafDays,
    caPath: certs === undefined ? null : resolve(certs, 'ca.pem'),
    seed: world.seed,
    version: VERSION,
    ...demoUsers(world),
    rap: await rapAccess({
      ...{ certs, password: DEMO_PASSWORD, hostKeys: listeners.hostKeys, ports: listeners.sftpPorts },
      key: world.rapKey,
      names: namesOf(host, options.san ?? []),
    }),
    recovered: world.recovered,
  };
}

type Running = Omit<Harness, 'stop' | typeof Symbol.asyncDispose>;

function demoUsers({ fixtures }: World): Pick<Harness, 'demo' | 'orp'> {
  const ccass = demoUser(fixtures);
  const risk = fixtures.users.find(({ role }) => role === 'risk');
  const password = DEMO_PASSWORD;
  return {
    demo: { participant: ccass?.participant ?? '', user: ccass?.id ?? '', password, channel: 'C3T' },
    orp: risk ? { participant: risk.participant, user: risk.id, password } : null,
  };
}
