import type { SFTPWrapper, Connection as SshConnection } from 'ssh2';
import type { JournalDetails } from '../../domain/journal/journal.ts';
import type { Instant } from '../../domain/nouns/market.ts';
import type { RapService } from '../../service/rap/rap.ts';
import type { CentreService } from '../../service/service.ts';
import { authenticate } from './authentication.ts';
import { callerOf, leave, type SftpConnection } from './connection.ts';
import { serveFiles } from './file-requests.ts';
import { noCommon, noSuchChannel } from './mismatch.ts';
import type { SshServer } from './ssh-server.ts';

/** What one SSH connection needs from the listener. */
export interface SshSupport {
  readonly rap: RapService;
  readonly admit: CentreService['admit'];
  readonly pendingRuns: CentreService['riskRuns']['pending'];
  readonly readKey: SshServer['readKey'];
  /** Market time. */
  readonly now: () => Instant;
  /** Unix milliseconds, monotonic. */
  readonly wallMs: () => number;
  /** Called with the agreed algorithms. */
  readonly opened: (agreed: JournalDetails['ssh-opened']['agreed']) => void;
  /** Called with an error that is a bug. */
  readonly failed: (error: unknown) => void;
  /** Called with the payload size of each packet sent. */
  readonly packetSent: (bytes: number) => void;
  /** Called when a file is closed, or a channel has answered all of its requests. */
  readonly workDone: () => void;
  readonly loggedOn: () => void;
}

/** SFTP channels that one connection may have at once; assumed. */
const MAX_CHANNELS = 8;
const SESSION_BYTES = 2048;

/** Serves RAP on an SSH connection: handshake, log-on, then SFTP channels and nothing else. */
export function serveSsh(ssh: SshConnection, connection: SftpConnection, support: SshSupport): void {
  ssh.on('error', (error) => {
    // The client sees no reason (docs/rap.md). Any other error closes the socket, and is noted then.
    const unmatched = connection.phase === 'handshake' && /no matching (.*)$/.exec(error.message)?.[1];
    if (!unmatched) return;
    connection.end ??= 'refused';
    connection.refusal = noCommon(unmatched);
  });
  ssh.on('handshake', ({ kex, serverHostKey: hostKey, cs }) => {
    if (connection.phase === 'handshake') support.opened({ kex, hostKey, cipher: cs.cipher, mac: cs.mac });
  });
  countUnread(connection);
  serveLogOn(ssh, connection, support);
  serveSessions(ssh, connection, support);
}

/** Counts what the client has not read, answers of SSH itself included. */
function countUnread({ raw, memory }: SftpConnection): void {
  let unread = 0;
  const count = () => {
    memory.hold(raw.writableLength - unread);
    unread = raw.writableLength;
  };
  raw.on('data', count);
  raw.on('drain', count);
}

function serveLogOn(ssh: SshConnection, connection: SftpConnection, support: SshSupport): void {
  const { rap, failed, loggedOn } = support;
  const authentication = authenticate(connection, rap, support, loggedOn);
  connection.atEnd.add(() => void authentication.end().catch(failed));
  ssh.on('authentication', (context) => {
    authentication.decide(context).catch((error) => {
      failed(error);
      connection.raw.destroy();
    });
  });
}

function serveSessions(ssh: SshConnection, connection: SftpConnection, support: SshSupport): void {
  const refuse = (what: string, reject: (() => void) | undefined) => {
    connection.requests++;
    const caller = callerOf(connection);
    support.rap.refuse(
      noSuchChannel(what),
      { operation: 'unsupported', what },
      caller,
      connection.logon?.session ?? null,
    );
    reject?.();
  };
  ssh.on('session', (accept) => {
    const session = accept();
    // ssh2 keeps a session that never became a channel until the connection ends.
    connection.memory.hold(SESSION_BYTES);
    session.on('exec', (_accept, reject) => refuse('exec', reject));
    session.on('shell', (_accept, reject) => refuse('shell', reject));
    session.on('sftp', (acceptSftp, reject) => {
      if (connection.channels.size >= MAX_CHANNELS) return refuse('one SFTP channel too many', reject);
      connection.memory.hold(-SESSION_BYTES);
      serveChannel(acceptSftp(), connection, support);
    });
  });
  ssh.on('request', (_accept, reject, what) => refuse(what, reject));
}

function serveChannel(sftp: SFTPWrapper, connection: SftpConnection, support: SshSupport): void {
  connection.channels.add(sftp);
  sftp.once('end', () => connection.channels.delete(sftp));
  const { rap, admit, pendingRuns, now, wallMs, failed, packetSent, workDone } = support;
  serveFiles(sftp, {
    ...{ connection, rap, admit, pendingRuns, now, wallMs, failed, packetSent, workDone },
    leave: () => leave(connection, 'session over'),
  });
}
