import { type AddressInfo, createServer } from 'node:net';
import type { JournalDetails } from '../../domain/journal/journal.ts';
import { clientText } from '../../domain/journal/shape.ts';
import type { CentreName } from '../../domain/nouns/market.ts';
import type { CentreService } from '../../service/service.ts';
import type { Journal } from '../../testbed/journal/journal.ts';
import { closedDetail, connectionHead } from '../connection-entries.ts';
import { createFinishing } from '../finishing.ts';
import { after, type ConnectionLimits, FINISH_MS, Gatekeeper, LINGER_MS, resetConnection } from '../gatekeeper.ts';
import type { Listener } from '../listener.ts';
import {
  callerOf,
  leave,
  leaveAfterChannels,
  leaveWhenIdle,
  newSftpConnection,
  pauseWhenOver,
  type SftpConnection,
} from './connection.ts';
import type { HostKey } from './host-keys.ts';
import { createMemoryBudgets } from './memory-budget.ts';
import { serveSsh } from './sftp.ts';
import { createSshServer, type SshServer } from './ssh-server.ts';

/** Mock conventions: HKEX publishes no limit. */
export interface SftpLimits extends ConnectionLimits {
  /** Wall milliseconds from connecting until a user is logged on. Default 60,000. */
  readonly logonMs?: number | undefined;
  /**
   * Wall milliseconds without a request. An SSH keep-alive is not a request, but detects a dead peer. Default 900,000.
   */
  readonly idleMs?: number | undefined;
  /** Wall milliseconds that a drained connection gets to take what was sent. Default 5,000. */
  readonly finishMs?: number | undefined;
  /** Memory that one connection may make the server hold. Default 32 MiB. */
  readonly connectionBytes?: number | undefined;
  /** The same of all connections of a user. Default 128 MiB. */
  readonly userBytes?: number | undefined;
  /** Wall milliseconds after which a connection ends that stays over a budget. Default 30,000. */
  readonly overBudgetMs?: number | undefined;
}

const MIB = 1024 * 1024;

export interface SftpOptions {
  readonly name: CentreName;
  readonly version: string;
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  /** The centre's service, which a reset replaces. */
  readonly service: () => CentreService;
  readonly journal: Journal;
  /** Called at the first connection. */
  readonly hostKeys: () => Promise<readonly HostKey[]>;
  readonly limits: SftpLimits;
  /** Called with the payload size of each packet sent. */
  readonly packetSent: (bytes: number) => void;
  /** Called with an error that is a bug, for the log. */
  readonly onError: (error: unknown) => void;
}

/**
 * Starts a centre's listener for RAP over SFTP. A drain ends every connection, and resets those with work still under
 * way: an open file, a request that is not answered. Rejects with the bind's error.
 */
export async function startSftp(options: SftpOptions): Promise<Listener> {
  const { service } = options;
  const { logonMs = 60_000, idleMs = 900_000, finishMs = FINISH_MS } = options.limits;
  const { connectionBytes = 32 * MIB, userBytes = 128 * MIB, overBudgetMs = 30_000 } = options.limits;
  const { note, failed } = journalNotes(options);
  let server: Promise<{ readonly ssh: SshServer; readonly keys: readonly HostKey[] }> | undefined;

  const memory = createMemoryBudgets({ connectionBytes, userBytes });

  const gatekeeper = new Gatekeeper<SftpConnection>({
    centre: options.name,
    protocol: 'sftp',
    limits: options.limits,
    handshakeMs: logonMs,
    now: () => service().now(),
    wallMs: options.journal.wallMs,
    connected: (accepted) =>
      newSftpConnection(accepted, memory.open, (connection) => pauseWhenOver(connection, overBudgetMs)),
    refuse(connection, code) {
      connection.end = 'turned away';
      connection.refusal = { code };
    },
    admit(connection) {
      after(logonMs, connection, (late) => {
        if (late.phase !== 'handshake') return;
        late.refusal = { code: 'LOGON_TIMEOUT' };
        leave(late, 'too late');
      });
      admit(connection).catch((error) => failed(connection, error));
    },
    cut,
    closed,
  });
  const finishing = createFinishing(() => [...gatekeeper.open()].reduce((sum, { underWay }) => sum + underWay.size, 0));

  async function admit(connection: SftpConnection): Promise<void> {
    server ??= options.hostKeys().then(async (keys) => ({ ssh: await createSshServer(options.version, keys), keys }));
    const { ssh, keys } = await server;
    if (connection.raw.destroyed) return;
    // A reset ends every connection, so one has the same service for as long as it lives.
    const { rap, admit: admitRequest, riskRuns, now } = service();
    ssh.take(connection.raw, (client, { header }) => {
      connection.ssh = client;
      connection.software = header.versions.software;
      serveSsh(client, connection, {
        rap,
        admit: admitRequest,
        pendingRuns: riskRuns.pending,
        readKey: ssh.readKey,
        now,
        wallMs: options.journal.wallMs,
        opened(agreed) {
          const { address, port, software } = connection;
          const shown = keys.find(({ algorithm }) => isShownFor(algorithm, agreed.hostKey));
          const detail = { address, port, software: clientText(software), agreed };
          note('ssh-opened', connection, { ...detail, hostKeyShown: shown?.fingerprint ?? '' });
        },
        failed: (error) => failed(connection, error),
        packetSent: options.packetSent,
        workDone: finishing.done,
        loggedOn() {
          gatekeeper.handshakeOver(connection);
          connection.phase = 'logged on';
          connection.memory.belongTo(connection.logon?.session.participant ?? '');
          leaveWhenIdle(connection, idleMs);
        },
      });
    });
  }

  function cut(connection: SftpConnection): void {
    connection.end ??= 'cut';
    // Before the reset, while the socket can say what has left.
    for (const end of connection.atEnd) end();
    resetConnection(connection);
  }

  function closed(connection: SftpConnection): void {
    connection.phase = 'leaving';
    for (const end of connection.atEnd) end();
    connection.underWay.clear();
    connection.memory.end();
    const { logon, end, requests, software, reset, refusal } = connection;
    // A session that a switch or idleness ended is over already, and the journal says so.
    const isOver = end === 'cut' || end === 'drained' || end === 'session over';
    if (logon && !isOver) service().rap.logoff(logon.session, callerOf(connection));
    const how = end === null ? (reset ? 'reset' : 'closed') : HOW[end];
    const client = software === '' ? {} : { software: clientText(software) };
    note('closed', connection, closedDetail(connection, { how, ...refusal, requests, ...client }));
    finishing.done();
  }

  function drain(): void {
    for (const connection of gatekeeper.open()) {
      if (connection.underWay.size > 0) cut(connection);
      // Answers that a slow client has not taken yet are not destroyed.
      else leaveAfterChannels(connection, 'drained', connection.raw.writableLength > 0 ? finishMs : LINGER_MS);
    }
  }

  const port = await listen(options, gatekeeper);
  return {
    protocol: 'sftp',
    port: port.number,
    accept: (arrival) => gatekeeper.accept(arrival),
    connections: () => gatekeeper.open().size,
    drain: async () => drain(),
    cut: () => gatekeeper.cut(),
    finished: finishing.finished,
    async retire(deadlineMs) {
      port.close();
      await finishing.finished(deadlineMs);
      drain();
      await gatekeeper.empty(2 * LINGER_MS);
    },
    async stop() {
      port.close();
      gatekeeper.cut();
      await gatekeeper.empty();
    },
  };
}

const HOW: Readonly<Record<NonNullable<SftpConnection['end']>, JournalDetails['closed']['how']>> = {
  cut: 'cut',
  drained: 'drained',
  idle: 'idle',
  // Its session had ended, and its next request was refused for that.
  'session over': 'closed',
  refused: 'refused',
  'turned away': 'turned-away',
  'too late': 'refused',
};

/** Whether a host key matches the agreed algorithm: an RSA key signs with several. */
function isShownFor(key: HostKey['algorithm'], agreed: string): boolean {
  return key === agreed || (key === 'ssh-rsa' && agreed.startsWith('rsa-sha2-'));
}

/** Opens the centre's port. Rejects with the bind's error. */
async function listen(
  { host, port, onError }: SftpOptions,
  gatekeeper: Gatekeeper<SftpConnection>,
): Promise<{ readonly number: number; close(): void }> {
  const server = createServer({ allowHalfOpen: false, noDelay: true }, (socket) => gatekeeper.acceptDirect(socket));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  server.on('error', onError);
  return {
    number: (server.address() as AddressInfo).port,
    close() {
      if (server.listening) server.close();
    },
  };
}

/** Writes the connections' entries in the journal. */
function journalNotes({ name, journal, onError }: SftpOptions) {
  return {
    note<K extends 'ssh-opened' | 'closed'>(kind: K, connection: SftpConnection, detail: JournalDetails[K]): void {
      const { id = null, participant = null, user = null } = connection.logon?.session ?? {};
      const head = connectionHead(name, 'sftp', connection);
      journal.note(kind, { ...head, service: 'rap', session: id, participant, user }, detail);
    },
    failed(connection: SftpConnection, error: unknown): void {
      onError(error);
      const head = connectionHead(name, 'sftp', connection);
      journal.note('error', { ...head, service: 'rap' }, { what: 'SFTP', says: String(error) });
      if (connection.phase === 'handshake') connection.raw.destroy();
    },
  };
}
