import type { Centre } from '../centre/centre.ts';
import type { SftpFace } from '../centre/sftp/sftp.ts';
import type { Side } from '../failover/switchover.ts';
import type { Clock } from '../testbed/clock/clock.ts';
import type { BuiltCentre } from './centre-core.ts';
import type { SteeredCentre } from './local-control.ts';
import type { Limits } from './options.ts';

/** Wall time that requests under way get to finish when a centre is drained. */
export const FINISH_MS = 5_000;

/** What a switch, and the end, ask of a centre's doors. */
export type Doors = Omit<Centre, 'port' | 'accept'>;

/** How a centre is reached: HTTPS, SFTP, and the two as one. */
export interface Faces {
  readonly https: Centre;
  readonly sftp: SftpFace;
  readonly doors: Doors;
}

/** A centre's HTTPS and SFTP faces as one. */
export function doorsOf(https: Doors, sftp: SftpFace): Doors {
  const both = [https, sftp] as const;
  return {
    connections: () => https.connections() + sftp.connections(),
    drain: async () => void (await Promise.all(both.map((face) => face.drain()))),
    cut: () => both.forEach((face) => void face.cut()),
    finished: async (deadlineMs) => void (await Promise.all(both.map((face) => face.finished(deadlineMs)))),
    retire: async (deadlineMs) => void (await Promise.all(both.map((face) => face.retire(deadlineMs)))),
    stop: async () => void (await Promise.all(both.map((face) => face.stop()))),
  };
}

/** A centre as a switch sees it. */
export function side(centre: BuiltCentre, doors: Doors, clock: Pick<Clock, 'now'>, catchUp: () => Promise<void>): Side {
  return {
    store: centre.store,
    stopAdmitting() {
      centre.admitting = false;
    },
    finishRequests: () => doors.finished(FINISH_MS),
    pauseBatches: () => centre.service.desk.pause(),
    dropConnections: (mode) => (mode === 'drain' ? doors.drain() : doors.cut()),
    endSessions() {
      centre.sessions.endAll('switch', clock.now());
      centre.service.orp.forgetSimulations();
    },
    async resume() {
      centre.admitting = true;
      centre.service.desk.resume();
      await catchUp();
    },
  };
}

/** A centre as Control sees it. */
export function steered(centre: BuiltCentre, { https, doors }: Faces, host: string): SteeredCentre {
  return {
    store: centre.store,
    url: () => url('https', host, https.port),
    sessions: () => centre.sessions.count(),
    connections: () => doors.connections(),
    batchesUnderWay: () => centre.service.desk.underWay().length,
  };
}

/** The limits that the doorway is given. */
export function doorwayLimits({ firstByteMs, connectionsPerAddress, handshakesPerAddress }: Limits) {
  return {
    ...(firstByteMs === undefined ? {} : { firstByteTimeoutMs: firstByteMs }),
    ...(connectionsPerAddress === undefined ? {} : { connectionsPerAddress }),
    ...(handshakesPerAddress === undefined ? {} : { handshakesPerAddress }),
  };
}

/** The limits that the SFTP door is given. */
export function sftpLimits({ sftpLogonMs, sftpIdleMs, connectionsPerAddress, handshakesPerAddress }: Limits) {
  return {
    ...(sftpLogonMs === undefined ? {} : { logonMs: sftpLogonMs }),
    ...(sftpIdleMs === undefined ? {} : { idleMs: sftpIdleMs }),
    ...(connectionsPerAddress === undefined ? {} : { connectionsPerAddress }),
    ...(handshakesPerAddress === undefined ? {} : { handshakesPerAddress }),
  };
}

/** How a client on this machine reaches it: one that listens everywhere is told as localhost, a name the certificates have. */
export function url(scheme: 'http' | 'https' | 'sftp', host: string, port: number): string {
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `${scheme}://${name}:${port}`;
}
