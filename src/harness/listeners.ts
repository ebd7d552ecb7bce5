import type { FastifyBaseLogger } from 'fastify';
import { startHttps } from '../centre/https/listener.ts';
import { allOf, type Connected, type Listener } from '../centre/listener.ts';
import type { HostKeys } from '../centre/sftp/host-keys.ts';
import { startSftp } from '../centre/sftp/listener.ts';
import { type CentreCertificate, type Certificates, loadCertificates } from '../centre/tls/certificates.ts';
import { DAY_MS } from '../centre/tls/validity.ts';
import { type ByProtocol, byProtocol, inTurnByProtocol } from '../domain/access/protocol.ts';
import { type Line, startLine } from '../failover/line.ts';
import { VERSION } from '../package.ts';
import { type Clock, wallTime } from '../testbed/clock/clock.ts';
import type { Journal } from '../testbed/journal/journal.ts';
import { ADDRESS_NAMES, type Addresses, type ByPlace, byAddress, named, type Ports, url } from './addresses.ts';
import { allLimits } from './limits.ts';
import type { HarnessOptions, Limits } from './options.ts';
import { hostKeysOf } from './rap-access.ts';
import type { Reach } from './reach.ts';
import type { ServedCentre, World } from './world.ts';

interface Listening {
  readonly version: string;
  readonly certificates: Certificates;
  readonly hostKeys: () => Promise<HostKeys>;
  readonly limits: Required<Limits>;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly logger: FastifyBaseLogger;
  readonly host: string;
  readonly ports: Partial<Ports>;
  readonly packetSent: (bytes: number) => void;
}

export interface ListenersOptions
  extends Pick<HarnessOptions, 'certs' | 'san' | 'leaf' | 'hostKeys' | 'limits' | 'ports' | 'packetSent'> {
  readonly host: string;
  readonly logger: FastifyBaseLogger;
  /** The world that the listeners serve. */
  readonly world: Pick<World, 'centres' | 'clock' | 'journal' | 'active'>;
}

/** Ports, lines, certificates and host keys. */
export interface Listeners extends Reach {
  readonly hostKeys: () => Promise<HostKeys>;
  /** The CA's certificate, PEM. */
  readonly ca: string;
  /** Days that the centres' certificates are valid. */
  readonly leafDays: number;
  readonly sftpPorts: ByPlace<number>;
  /** Under their public names. */
  addresses(adminPort: number): Addresses;
  /** Closes the lines, and lets requests under way at the centres finish. */
  retire(): Promise<void>;
}

/** Starts both centres' listeners and the lines for every protocol; `open` stops them. Rejects with a bind's error. */
export async function openListeners(options: ListenersOptions, open: AsyncDisposableStack): Promise<Listeners> {
  const { certs, host, logger, san = [], world } = options;
  const limits = allLimits(options.limits);
  const hostKeys = hostKeysOf(certs, options.hostKeys ?? 'same');
  const { centres, clock, journal } = world;
  const certificates = await loadCertificates({
    ...{ dir: certs ?? 'memory', names: san, host, at: wallTime(), market: clock.now() },
    leaf: options.leaf ?? 'both',
  });
  for (const warning of certificates.warnings) logger.warn(warning.en);
  if (certificates.renewed.length > 0) logger.info(`issued anew: ${certificates.renewed.join(', ')}`);
  const ports: Partial<Ports> = options.ports ?? {};
  const packetSent = options.packetSent ?? (() => undefined);
  const listening = {
    version: VERSION,
    certificates,
    hostKeys,
    limits,
    clock,
    journal,
    logger,
    host,
    ports,
    packetSent,
  };
  const listeners = {
    primary: await listenersOf(centres.primary, listening, open),
    backup: await listenersOf(centres.backup, listening, open),
  };
  const lines = await openLines(() => listeners[world.active()], listening, open);

  const bound = byAddress((protocol, place) =>
    place === 'line' ? lines[protocol].port : listeners[place].of[protocol].port,
  );
  const urls = byAddress((protocol, place) => url(protocol, host, bound[protocol][place]));
  const connected = { primary: listeners.primary.all, backup: listeners.backup.all };
  return {
    ...{ hostKeys, connected },
    ca: certificates.ca,
    leafDays: daysOf(certificates.centres.primary),
    sftpPorts: bound.sftp,
    lines: byProtocol((protocol) => urls[protocol].line),
    urls: urls.https,
    addresses: (adminPort) => named(urls, url('http', host, adminPort)),
    async retire() {
      await Promise.all(Object.values(lines).map((line) => line.stop()));
      await Promise.all(Object.values(connected).map((centre) => centre.retire(limits.finishMs)));
    },
  };
}

function daysOf({ notBefore, notAfter }: CentreCertificate): number {
  return Math.floor((notAfter - notBefore) / DAY_MS);
}

/** The listeners of one centre, and all of them as one. */
interface CentreListeners {
  readonly of: ByProtocol<Listener>;
  readonly all: Connected;
}

/** Starts each protocol's listener on `port`. */
const START: ByProtocol<(centre: ServedCentre, port: number, listening: Listening) => Promise<Listener>> = {
  https({ name, service }, port, { certificates, limits, version, host, clock, journal, logger }) {
    return startHttps({
      ...{ name, service, port, limits, version, host, clock, journal, logger },
      identity: certificates.centres[name],
      timeouts: limits,
    });
  },
  sftp({ name, service }, port, { hostKeys, limits, version, host, journal, logger, packetSent }) {
    return startSftp({
      ...{ name, service, port, version, host, journal, packetSent },
      limits: {
        ...limits,
        ...{ logonMs: limits.sftpLogonMs, idleMs: limits.sftpIdleMs, overBudgetMs: limits.sftpOverBudgetMs },
        ...{ connectionBytes: limits.sftpConnectionBytes, userBytes: limits.sftpUserBytes },
      },
      hostKeys: async () => (await hostKeys())[name],
      onError: (error) => logger.error(error, 'SFTP'),
    });
  },
};

async function listenersOf(
  centre: ServedCentre,
  listening: Listening,
  open: AsyncDisposableStack,
): Promise<CentreListeners> {
  const of = await inTurnByProtocol(async (protocol) => {
    const port = listening.ports[ADDRESS_NAMES[protocol][centre.name]] ?? 0;
    return open.adopt(await START[protocol](centre, port, listening), (listener) => listener.stop());
  });
  return { of, all: allOf(Object.values(of)) };
}

/** The addresses that never change, one for each protocol; `target` is called once per connection. */
function openLines(
  target: () => CentreListeners,
  { host, ports, logger }: Pick<Listening, 'host' | 'ports' | 'logger'>,
  open: AsyncDisposableStack,
): Promise<ByProtocol<Line>> {
  return inTurnByProtocol(async (protocol) =>
    open.adopt(
      await startLine({
        protocol,
        host,
        port: ports[ADDRESS_NAMES[protocol].line] ?? 0,
        target: () => target().of[protocol],
        note: (error) => logger.warn(error, `the ${protocol} line could not hand a connection on`),
      }),
      (line) => line.stop(),
    ),
  );
}
