import type { Socket } from 'node:net';
import type { Connection as SshConnection } from 'ssh2';
import type { Session } from '../../service/access/sessions.ts';
import type { Caller } from '../../service/context.ts';
import type { Connection } from '../https/connection.ts';

/** What the SFTP door remembers of a connection while it is open. */
export interface Visit {
  readonly connection: Connection;
  readonly raw: Socket;
  /** `handshake` until somebody is logged on; `leaving` = told to go, or gone. */
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
  /** Counts what the client asked for; keep-alive is none. */
  requests: number;
  /** How it ended, where that was not the client's quiet close. */
  end: 'cut' | 'drained' | 'idle' | 'session over' | 'refused' | 'too late' | null;
  /** Called once when the connection is gone. */
  readonly atEnd: Set<() => void>;
}

export function newVisit(connection: Connection, raw: Socket): Visit {
  return {
    connection,
    raw,
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

/** The caller, as the services and the journal know him. */
export function callerOf({ connection, software }: Visit): Caller {
  const { address, number } = connection;
  return { service: 'rap', door: 'sftp', address, userAgent: software, connection: number };
}
