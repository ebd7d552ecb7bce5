import type { FastifyBaseLogger } from 'fastify';
import { startCentre } from '../centre/centre.ts';
import { HTTP_TIMEOUTS } from '../centre/https/https.ts';
import type { HostKeys } from '../centre/sftp/host-keys.ts';
import { packetSent } from '../centre/sftp/packet-garbage.ts';
import { startSftp } from '../centre/sftp/sftp.ts';
import type { Certificates } from '../centre/tls/certificates.ts';
import { type Line, startLine } from '../failover/line.ts';
import type { Clock } from '../testbed/clock/clock.ts';
import type { Journal } from '../testbed/journal/journal.ts';
import type { BuiltCentre } from './centre-core.ts';
import type { Limits, Ports } from './options.ts';
import { doorsOf, doorwayLimits, type Faces, sftpLimits } from './switch-parties.ts';

export interface Listening {
  readonly version: string;
  readonly certificates: Certificates;
  readonly hostKeys: () => Promise<HostKeys>;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly logger: FastifyBaseLogger;
  readonly host: string;
  readonly ports: Ports;
}

/** Lets a centre listen; `open` stops it at the end. Rejects with a bind's error. */
export async function openFaces(
  { name, service }: BuiltCentre,
  { ports, certificates, limits, hostKeys, logger, ...common }: Listening,
  open: AsyncDisposableStack,
): Promise<Faces> {
  const https = open.adopt(
    await startCentre({
      ...common,
      ...{ name, service, logger },
      identity: certificates.centres[name],
      timeouts: { ...HTTP_TIMEOUTS, ...limits },
      doorway: doorwayLimits(limits),
      port: ports[name],
    }),
    (face) => face.stop(),
  );
  const { version, host, journal } = common;
  const sftp = open.adopt(
    await startSftp({
      ...{ name, service, version, host, journal },
      port: (name === 'primary' ? ports.sftpPrimary : ports.sftpBackup) ?? 0,
      hostKeys: async () => (await hostKeys())[name],
      limits: sftpLimits(limits),
      packetSent,
      onFault: (error) => logger.error(error, 'SFTP'),
    }),
    (face) => face.stop(),
  );
  return { https, sftp, doors: doorsOf(https, sftp) };
}

/** The two addresses that never change; `target` is asked once a connection. */
export async function openLines(
  target: () => Faces,
  { host, ports, logger }: Pick<Listening, 'host' | 'ports' | 'logger'>,
  open: AsyncDisposableStack,
): Promise<{ readonly https: Line; readonly sftp: Line }> {
  const line = async (port: number, face: 'https' | 'sftp') =>
    open.adopt(
      await startLine({
        host,
        port,
        target: () => target()[face],
        note: (error) => logger.warn(error, `the ${face} line could not hand a connection on`),
      }),
      (it) => it.stop(),
    );
  return { https: await line(ports.line, 'https'), sftp: await line(ports.sftp ?? 0, 'sftp') };
}
