import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { ClientInfo, SFTPWrapper, Connection as SshConnection } from 'ssh2';
import type { CentreName } from '../../domain/nouns/market.ts';
import type { CentreService } from '../../service/service.ts';
import type { Journal } from '../../testbed/journal/journal.ts';
import { createFinishing } from '../finishing.ts';
import { authenticate } from './authentication.ts';
import { type DoorstepLimits, openDoorstep, SFTP_LIMITS } from './doorstep.ts';
import { serveFiles } from './file-requests.ts';
import type { HostKey } from './host-keys.ts';
import { noCommon, WEAK_HOST_KEY_SIGNATURE } from './mismatch.ts';
import { createSshServer, isWeak, type SshServer } from './ssh-server.ts';
import { callerOf, type Visit } from './visit.ts';

export interface SftpOptions {
  readonly name: CentreName;
  readonly version: string;
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  readonly service: CentreService;
  readonly journal: Journal;
  /** Asked for at the first connection. */
  readonly hostKeys: () => Promise<readonly HostKey[]>;
  readonly limits: Partial<DoorstepLimits>;
  /** So much of a file went into a packet: what ssh2 made for it is garbage then. */
  readonly packetSent: (bytes: number) => void;
  /** A fault of our own, for the log. */
  readonly onFault: (error: unknown) => void;
}

/** RAP of one centre over SFTP, listening. What it is asked at a switch is what the centre's HTTPS face is asked too. */
export interface SftpFace {
  readonly port: number;
  /** Takes a raw socket that the line accepted. */
  accept(socket: Socket, via: 'line'): void;
  connections(): number;
  /** Connections are told to go; one whose transfer outlived its deadline is cut. */
  drain(): void;
  cut(): void;
  /** Resolves when no file is being fetched, or after `deadlineMs` of wall time. */
  finished(deadlineMs: number): Promise<void>;
  retire(deadlineMs: number): Promise<void>;
  stop(): Promise<void>;
}

/** SFTP channels that one connection may have at once; assumed. */
const CHANNELS = 8;

/** Lets a centre listen for SFTP. Rejects with the bind's error. */
export async function startSftp(options: SftpOptions): Promise<SftpFace> {
  const { name, service, journal } = options;
  const { rap } = service;
  let server: Promise<SshServer> | undefined;

  const doorstep = openDoorstep({
    limits: { ...SFTP_LIMITS, ...options.limits },
    now: () => service.now(),
    enter: (visit) => void enter(visit).catch((error) => failed(visit, error)),
    turnedAway: (visit, code) => note(visit, { event: 'turned away', code }),
    closed,
  });
  const finishing = createFinishing(() => [...doorstep.visits()].reduce((sum, visit) => sum + visit.transfers.size, 0));
  const listener = createServer({ allowHalfOpen: false, noDelay: true }, (socket) => doorstep.accept(socket, 'direct'));

  async function enter(visit: Visit): Promise<void> {
    server ??= options.hostKeys().then((keys) => createSshServer(options.version, keys));
    const ssh = await server;
    if (!visit.raw.destroyed) ssh.take(visit.raw, (connection, info) => greet(visit, ssh, connection, info));
  }

  function greet(visit: Visit, server: SshServer, ssh: SshConnection, info: ClientInfo): void {
    visit.ssh = ssh;
    visit.software = info.header.versions.software;
    const authentication = authenticate(visit, rap, server, () => doorstep.loggedOn(visit));
    visit.atEnd.add(() => void authentication.end().catch((error) => failed(visit, error)));
    ssh.on('error', (error) => {
      // The client sees no reason (docs/rap.md). Of whatever else goes wrong the socket's end tells.
      const none = visit.phase === 'handshake' && /no matching (.*)$/.exec(error.message)?.[1];
      if (none) note(visit, { event: 'turned away', software: visit.software, ...noCommon(none) });
    });
    ssh.on('handshake', (agreed) => {
      const { kex, serverHostKey, cs } = agreed;
      if (visit.phase === 'handshake') {
        note(visit, { event: 'handshake', software: visit.software, kex, hostKey: serverHostKey, cipher: cs.cipher });
      }
      if (!isWeak(agreed)) return;
      note(visit, { event: 'turned away', software: visit.software, ...WEAK_HOST_KEY_SIGNATURE });
      doorstep.leave(visit, 'refused');
    });
    ssh.on('authentication', (context) => {
      authentication.decide(context).catch((error) => {
        failed(visit, error);
        visit.raw.destroy();
      });
    });
    ssh.on('session', (accept) => {
      const session = accept();
      const refuse = (what: string) => (_accept: unknown, reject: (() => void) | undefined) => {
        note(visit, { event: 'refused', what });
        reject?.();
      };
      session.on('exec', refuse('exec'));
      session.on('shell', refuse('shell'));
      session.on('sftp', (acceptSftp, reject) => {
        if (visit.channels < CHANNELS) serve(visit, acceptSftp());
        else refuse('one SFTP channel too many')(undefined, reject);
      });
    });
    ssh.on('request', (_accept, reject, what) => {
      note(visit, { event: 'refused', what });
      reject?.();
    });
  }

  function serve(visit: Visit, sftp: SFTPWrapper): void {
    visit.channels++;
    sftp.once('end', () => visit.channels--);
    serveFiles(sftp, {
      visit,
      rap,
      admit: service.admit,
      now: () => service.now(),
      failed: (error) => failed(visit, error),
      packetSent: options.packetSent,
      transferDone: finishing.done,
      leave: () => doorstep.leave(visit, 'session over'),
    });
  }

  function closed(visit: Visit): void {
    const { logon, end, requests } = visit;
    // A session that a switch ended, or that was idle, is over already; its end is in the journal as that.
    const isOver = end === 'cut' || end === 'drained' || end === 'session over';
    if (logon && !isOver) rap.logoff(logon.session, callerOf(visit));
    // Who came and went without a word was no SSH client.
    if (visit.ssh || end) note(visit, { event: end ?? 'closed', requests, session: logon?.session.ordinal ?? null });
    finishing.done();
  }

  function note({ connection, logon }: Visit, detail: object): void {
    const { number, via, address, port } = connection;
    journal.note({
      kind: 'connection',
      centre: name,
      participant: logon?.session.participant ?? null,
      user: logon?.session.user ?? null,
      detail: { service: 'rap', connection: number, via, address, port, ...detail },
    });
  }

  function failed(visit: Visit, error: unknown): void {
    options.onFault(error);
    journal.note({ kind: 'error', centre: name, detail: { what: 'SFTP', says: String(error) } });
    if (visit.phase === 'handshake') visit.raw.destroy();
  }

  function drain(): void {
    for (const visit of doorstep.visits()) {
      if (visit.transfers.size === 0) doorstep.leave(visit, 'drained');
      else {
        visit.end ??= 'cut';
        visit.raw.resetAndDestroy();
      }
    }
  }

  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject);
    listener.listen({ host: options.host, port: options.port }, () => {
      listener.off('error', reject);
      resolve();
    });
  });
  listener.on('error', options.onFault);
  const { port } = listener.address() as AddressInfo;
  const shut = () => {
    if (listener.listening) listener.close();
  };

  return {
    port,
    accept: (socket, via) => doorstep.accept(socket, via),
    connections: () => doorstep.visits().size,
    drain,
    cut: () => doorstep.cut(),
    finished: finishing.finished,
    async retire(deadlineMs) {
      shut();
      await finishing.finished(deadlineMs);
      drain();
    },
    async stop() {
      shut();
      doorstep.cut();
      await doorstep.empty();
    },
  };
}
