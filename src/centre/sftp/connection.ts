import type { SFTPWrapper, Connection as SshConnection } from 'ssh2';
import type { JournalDetails } from '../../domain/journal/journal.ts';
import type { Session } from '../../service/access/sessions.ts';
import type { Caller } from '../../service/context.ts';
import { after, type Connection, LINGER_MS } from '../gatekeeper.ts';
import type { MemoryUse } from './memory-budget.ts';
import { TOO_MUCH_HELD } from './mismatch.ts';
import { endChannel } from './ssh2-corrections.ts';

export interface SftpConnection extends Connection {
  /** `handshake` until a user is logged on; `leaving` = it is closing or closed. */
  phase: 'handshake' | 'logged on' | 'leaving';
  /** Set once the client has sent its SSH version. */
  ssh: SshConnection | null;
  /** The client's software, such as OpenSSH_9.6. */
  software: string;
  logon: { readonly session: Session; readonly token: string } | null;
  /** Open files, and channels with requests that are not answered. A drain waits for them. */
  readonly underWay: Set<object>;
  /** What it makes the server hold. */
  readonly memory: MemoryUse;
  /** Open SFTP channels. */
  readonly channels: Set<SFTPWrapper>;
  /** How often the server stopped reading from it. */
  pauses: number;
  /** Counts the client's requests, without keep-alives. */
  requests: number;
  /** How it ended; null for a normal close by the client. */
  end: 'cut' | 'drained' | 'idle' | 'session over' | 'refused' | 'turned away' | 'too late' | null;
  /** Why it failed. */
  refusal: Pick<JournalDetails['closed'], 'code' | 'cause' | 'remedy'>;
  /** The client reset it. */
  reset: boolean;
  /** Called once when the connection is closed. */
  readonly atEnd: Set<() => void>;
}

/** @param memoryUse opens its budget; the function given is called when that is used up, and when it has room again */
export function newSftpConnection(
  accepted: Connection,
  memoryUse: (changed: () => void) => MemoryUse,
  overBudget: (connection: SftpConnection) => void,
): SftpConnection {
  const connection: SftpConnection = {
    ...accepted,
    phase: 'handshake',
    ssh: null,
    software: '',
    logon: null,
    underWay: new Set(),
    memory: memoryUse(() => overBudget(connection)),
    channels: new Set(),
    pauses: 0,
    requests: 0,
    end: null,
    refusal: {},
    reset: false,
    atEnd: new Set(),
  };
  accepted.raw.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'ECONNRESET') connection.reset = true;
  });
  return connection;
}

/** The caller, as the services and the journal know it. */
export function callerOf({ id, via, address, requests, software }: SftpConnection): Caller {
  const request = `${id}.${requests}`;
  return { service: 'rap', protocol: 'sftp', via, address, userAgent: software, connection: id, request };
}

/** Disconnects and closes; a client that does not close its end within `lingerMs` is destroyed. */
export function leave(connection: SftpConnection, end: SftpConnection['end'], lingerMs = LINGER_MS): void {
  connection.end ??= end;
  if (connection.raw.destroyed) return;
  if (connection.ssh) connection.ssh.end();
  else connection.raw.destroySoon();
  after(lingerMs, connection, ({ raw }) => raw.destroy());
}

/**
 * Closes the channels, which have nothing under way, and disconnects once the client had time to take what they sent: at a
 * disconnect OpenSSH ends at once, and its sftp then lacks the answer to the CLOSE of its file.
 */
export function leaveAfterChannels(connection: SftpConnection, end: SftpConnection['end'], lingerMs: number): void {
  connection.end ??= end;
  if (connection.channels.size === 0) {
    leave(connection, end, lingerMs);
    return;
  }
  for (const channel of connection.channels) endChannel(channel);
  after(lingerMs, connection, (later) => leave(later, end));
}

/** Checks after each `idleMs`, so the connection closes between one and two of them after the last request. */
export function leaveWhenIdle(connection: SftpConnection, idleMs: number): void {
  const { requests } = connection;
  after(idleMs, connection, (later) => {
    if (later.raw.destroyed) return;
    if (later.requests === requests) leave(later, 'idle');
    else leaveWhenIdle(later, idleMs);
  });
}

/** Reads from the client again, or no more until it takes its answers or closes something; ends it after `ms` of that. */
export function pauseWhenOver(connection: SftpConnection, ms: number): void {
  const { raw, memory } = connection;
  if (raw.destroyed || memory.isOver() === raw.isPaused()) return;
  if (!memory.isOver()) {
    raw.resume();
    return;
  }
  raw.pause();
  const pausedAt = ++connection.pauses;
  after(ms, connection, (later) => {
    if (later.raw.destroyed || !later.raw.isPaused() || later.pauses !== pausedAt) return;
    later.end ??= 'refused';
    later.refusal = TOO_MUCH_HELD;
    later.raw.destroy();
  });
}
