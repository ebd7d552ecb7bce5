import type { FastifyBaseLogger } from 'fastify';
import { HTTP_TIMEOUTS } from '../centre/https/https.ts';
import { startHttps } from '../centre/https/listener.ts';
import { allOf, type Connected, type Listener } from '../centre/listener.ts';
import type { HostKeys } from '../centre/sftp/host-keys.ts';
import { startSftp } from '../centre/sftp/listener.ts';
import { packetSent } from '../centre/sftp/packet-garbage.ts';
import type { Certificates } from '../centre/tls/certificates.ts';
import { type ByProtocol, inTurnByProtocol } from '../domain/access/protocol.ts';
import { type Line, startLine } from '../failover/line.ts';
import type { Clock } from '../testbed/clock/clock.ts';
import type { Journal } from '../testbed/journal/journal.ts';
import { ADDRESS_NAMES, type Ports } from './addresses.ts';
import type { BuiltCentre } from './centre-core.ts';
import type { Limits } from './options.ts';

export interface Listening {
  readonly version: string;
  readonly certificates: Certificates;
  readonly hostKeys: () => Promise<HostKeys>;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly logger: FastifyBaseLogger;
  readonly host: string;
  readonly ports: Partial<Ports>;
}

/** The listeners of one centre, and all of them as one. */
export interface CentreListeners {
  readonly of: ByProtocol<Listener>;
  readonly all: Connected;
}

/** How each protocol's listener starts, on `port`. */
const START: ByProtocol<(centre: BuiltCentre, port: number, listening: Listening) => Promise<Listener>> = {
  https({ name, service }, port, { certificates, limits, version, host, clock, journal, logger }) {
    return startHttps({
      ...{ name, service, port, limits, version, host, clock, journal, logger },
      identity: certificates.centres[name],
      timeouts: { ...HTTP_TIMEOUTS, ...limits },
    });
  },
  sftp({ name, service }, port, { hostKeys, limits, version, host, journal, logger }) {
    return startSftp({
      ...{ name, service, port, version, host, journal, packetSent },
      limits: { ...limits, logonMs: limits.sftpLogonMs, idleMs: limits.sftpIdleMs },
      hostKeys: async () => (await hostKeys())[name],
      onFault: (error) => logger.error(error, 'SFTP'),
    });
  },
};

/** Lets a centre listen for every protocol; `open` stops it at the end. Rejects with a bind's error. */
export async function openListeners(
  centre: BuiltCentre,
  listening: Listening,
  open: AsyncDisposableStack,
): Promise<CentreListeners> {
  const of = await inTurnByProtocol(async (protocol) => {
    const port = listening.ports[ADDRESS_NAMES[protocol][centre.name]] ?? 0;
    return open.adopt(await START[protocol](centre, port, listening), (listener) => listener.stop());
  });
  return { of, all: allOf(Object.values(of)) };
}

/** The addresses that never change, one for each protocol; `target` is called once a connection. */
export function openLines(
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
