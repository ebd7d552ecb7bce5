import type { Connection as SshConnection } from 'ssh2';
import type { Session } from '../../service/access/sessions.ts';
import type { Caller } from '../../service/context.ts';
import { after, type Connection, LINGER_MS } from '../gatekeeper.ts';

export interface SftpConnection extends Connection {
  /** `handshake` until a user is logged on; `leaving` = its end has begun, or it is gone. */
  phase: 'handshake' | 'logged on' | 'leaving';
  /** Once the client has said which SSH it speaks. */
  ssh: SshConnection | null;
  /** The client's software, such as OpenSSH_9.6. */
  software: string;
  logon: { readonly session: Session; readonly token: string } | null;
  /** Files that are open and not read to their end. */
  readonly transfers: Set<object>;
  /** SFTP channels that are open. */
  channels: number;
  /** Counts the client's requests; keep-alive is none. */
  requests: number;
  /** How it ended, where that was not the client's quiet close. */
  end: 'cut' | 'drained' | 'idle' | 'session over' | 'refused' | 'too late' | null;
  /** Called once when the connection is gone. */
  readonly atEnd: Set<() => void>;
}

export function newSftpConnection(accepted: Connection): SftpConnection {
  return {
    ...accepted,
    phase: 'handshake',
    ssh: null,
    software: '',
    logon: null,
    transfers: new Set(),
    channels: 0,
    requests: 0,
    end: null,
    atEnd: new Set(),
  };
}

/** The caller, as the services and the journal know it. */
export function callerOf({ address, number, software }: SftpConnection): Caller {
  return { service: 'rap', protocol: 'sftp', address, userAgent: software, connection: number };
}

/** Disconnects and closes; a client that does not close is cut off after a while. */
export function leave(connection: SftpConnection, end: SftpConnection['end']): void {
  connection.end ??= end;
  if (connection.raw.destroyed) return;
  if (connection.ssh) connection.ssh.end();
  else connection.raw.destroySoon();
  after(LINGER_MS, connection, ({ raw }) => raw.destroy());
}

/** Looks again at the end of each idle time: closes between one and two of them after the last request. */
export function leaveWhenIdle(connection: SftpConnection, idleMs: number): void {
  const { requests } = connection;
  after(idleMs, connection, (later) => {
    if (later.raw.destroyed) return;
    if (later.requests === requests) leave(later, 'idle');
    else leaveWhenIdle(later, idleMs);
  });
}
