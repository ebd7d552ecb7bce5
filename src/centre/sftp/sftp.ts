import type { SFTPWrapper, Connection as SshConnection } from 'ssh2';
import type { JournalDetails } from '../../domain/journal/journal.ts';
import type { Instant } from '../../domain/nouns/market.ts';
import type { RapService } from '../../service/rap/rap.ts';
import type { CentreService } from '../../service/service.ts';
import { authenticate } from './authentication.ts';
import { callerOf, leave, type SftpConnection } from './connection.ts';
import { serveFiles } from './file-requests.ts';
import { type Mismatch, noCommon, noSuchChannel, WEAK_HOST_KEY_SIGNATURE } from './mismatch.ts';
import { isWeak, type SshServer } from './ssh-server.ts';

/** What the SSH conversation of one connection works with. */
export interface SshSupport {
  readonly rap: RapService;
  readonly admit: CentreService['admit'];
  readonly pendingRuns: CentreService['riskRuns']['pending'];
  readonly readKey: SshServer['readKey'];
  /** Market time. */
  readonly now: () => Instant;
  /** Unix milliseconds that never fall. */
  readonly wallMs: () => number;
  /** Notes what was agreed on. */
  readonly opened: (agreed: JournalDetails['ssh-opened']['agreed']) => void;
  /** A fault of our own. */
  readonly failed: (error: unknown) => void;
  /** Called with the payload size of each packet sent. */
  readonly packetSent: (bytes: number) => void;
  /** A file was closed, or is read to its end. */
  readonly transferDone: () => void;
  readonly loggedOn: () => void;
}

/** SFTP channels that one connection may have at once; assumed. */
const CHANNELS = 8;

function refuse(connection: SftpConnection, mismatch: Mismatch): void {
  connection.end ??= 'refused';
  connection.refusal = mismatch;
}

/** Serves RAP on a connection whose client speaks SSH: handshake, log-on, then SFTP channels and nothing else. */
export function serveSsh(ssh: SshConnection, connection: SftpConnection, support: SshSupport): void {
  ssh.on('error', (error) => {
    // The client sees no reason (docs/rap.md). Anything else that goes wrong ends the socket, and is noted then.
    const none = connection.phase === 'handshake' && /no matching (.*)$/.exec(error.message)?.[1];
    if (none) refuse(connection, noCommon(none));
  });
  ssh.on('handshake', (agreed) => {
    const { kex, serverHostKey: hostKey, cs } = agreed;
    if (connection.phase === 'handshake') support.opened({ kex, hostKey, cipher: cs.cipher, mac: cs.mac });
    if (!isWeak(agreed)) return;
    refuse(connection, WEAK_HOST_KEY_SIGNATURE);
    leave(connection, 'refused');
  });
  letUsersLogOn(ssh, connection, support);
  letChannelsOpen(ssh, connection, support);
}

function letUsersLogOn(ssh: SshConnection, connection: SftpConnection, support: SshSupport): void {
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

function letChannelsOpen(ssh: SshConnection, connection: SftpConnection, support: SshSupport): void {
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
    session.on('exec', (_accept, reject) => refuse('exec', reject));
    session.on('shell', (_accept, reject) => refuse('shell', reject));
    session.on('sftp', (acceptSftp, reject) => {
      if (connection.channels < CHANNELS) serveChannel(acceptSftp(), connection, support);
      else refuse('one SFTP channel too many', reject);
    });
  });
  ssh.on('request', (_accept, reject, what) => refuse(what, reject));
}

function serveChannel(sftp: SFTPWrapper, connection: SftpConnection, support: SshSupport): void {
  connection.channels++;
  sftp.once('end', () => connection.channels--);
  const { rap, admit, pendingRuns, now, wallMs, failed, packetSent, transferDone } = support;
  serveFiles(sftp, {
    ...{ connection, rap, admit, pendingRuns, now, wallMs, failed, packetSent, transferDone },
    leave: () => leave(connection, 'session over'),
  });
}
