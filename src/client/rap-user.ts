import type { Client, SFTPWrapper } from 'ssh2';
import { fingerprintOf, isKnownHost } from './known-hosts.ts';

export interface RapUserOptions {
  /** The address that never changes, such as `sftp://127.0.0.1:7022`. */
  readonly sftp: string;
  /** Lines of a known_hosts file. A server with another key is refused. */
  readonly knownHosts: string;
  /** The RAP user ID: the participant's. */
  readonly participant: string;
  /** PEM or OpenSSH format. */
  readonly privateKey?: string | undefined;
  readonly password?: string | undefined;
}

/** The server's answer: the value, or its text that says why not. */
export type RapAnswer<T> =
  | { readonly ok: true; readonly value: T }
  /** `status` is that of SFTP, or null if SSH refused. */
  | { readonly ok: false; readonly says: string; readonly status: number | null };

export interface RapLoggedOn {
  /** The fingerprint of the host key, which is known. */
  readonly hostKey: string;
  /** The text that the server sends before log-on. */
  readonly banner: string;
}

export interface RapEntry {
  readonly name: string;
  readonly isFolder: boolean;
  readonly sizeBytes: number;
  readonly modifiedAt: number;
}

export type RapUser = ReturnType<typeof rapUser>;

/** The connection is lost: closed by the server, cut, or never opened. */
export class RapConnectionLost extends Error {
  constructor(sftp: string, cause?: Error) {
    super(`${sftp}: the connection is lost${cause ? ` (${cause.message})` : ''}: log on again at the same address`, {
      cause,
    });
    this.name = 'RapConnectionLost';
  }
}

/** The server's host key is not known; nothing was sent to it. */
export class UnknownHostKey extends Error {
  constructor(sftp: string, fingerprint: string) {
    super(`${sftp} has the host key ${fingerprint}, which is not in known_hosts for this address`);
    this.name = 'UnknownHostKey';
  }
}

/** Bytes per read request, as OpenSSH's client has it. */
const PIECE_BYTES = 32_768;
/** Wall milliseconds within which a connection must be open and logged on. */
const READY_MS = 30_000;
const FOLDER_BIT = 0o040000;

/**
 * A clearing participant's RAP tooling in short: SFTP at one unchanged address, the host key checked, one connection at a
 * time. Refusals are answers. Throws if the connection breaks (RapConnectionLost) or the host key is not known
 * (UnknownHostKey).
 */
export function rapUser(options: RapUserOptions) {
  const { sftp: address, knownHosts, participant, privateKey, password } = options;
  const { hostname, port } = new URL(address);
  const host = hostname.replace(/^\[|\]$/g, '');
  let connection: { readonly client: Client; readonly sftp: SFTPWrapper; readonly lost: Promise<never> } | null = null;

  /** Logs on over a new connection; an open one is closed first. */
  async function logOn(): Promise<RapAnswer<RapLoggedOn>> {
    logOff();
    const { default: ssh2 } = await import('ssh2');
    const client = new ssh2.Client();
    let hostKey: Uint8Array | undefined;
    let banner = '';
    const messages: string[] = [];
    client.on('banner', (text) => {
      banner += text;
    });
    client.on('keyboard-interactive', (title, instructions, _language, prompts, finish) => {
      messages.push([title, instructions].filter((text) => text !== '').join('\n'));
      finish(prompts.map(() => password ?? ''));
    });
    const lost = Promise.withResolvers<never>();
    lost.promise.catch(() => undefined);
    let failure: (Error & { level?: string }) | undefined;
    client.on('error', (error) => {
      failure ??= error;
    });
    client.on('close', () => lost.reject(new RapConnectionLost(address, failure)));
    const ready = new Promise<void>((resolve) => client.once('ready', resolve));
    client.connect({
      ...{ host, port: Number(port) || 22, username: participant, readyTimeout: READY_MS, tryKeyboard: true },
      ...(privateKey === undefined ? {} : { privateKey }),
      ...(password === undefined ? {} : { password }),
      // A key before a password: the order of ssh2 is the reverse.
      authHandler: [
        'none',
        ...(privateKey === undefined ? [] : (['publickey'] as const)),
        ...(password === undefined ? [] : (['password'] as const)),
        'keyboard-interactive',
      ],
      hostVerifier(key: Buffer) {
        hostKey = key;
        return isKnownHost(knownHosts, { host, port: Number(port) || 22, key });
      },
    });
    // ssh2 writes a packet in pieces: with Nagle's algorithm, each request would wait 40 ms for an acknowledgement.
    client.setNoDelay(true);
    try {
      await Promise.race([ready, lost.promise]);
    } catch (error) {
      if (failure?.level === 'client-authentication') {
        return { ok: false, says: messages.join('\n') || failure.message, status: null };
      }
      if (hostKey && !isKnownHost(knownHosts, { host, port: Number(port) || 22, key: hostKey })) {
        throw new UnknownHostKey(address, await fingerprintOf(hostKey));
      }
      throw error;
    }
    const sftp = await Promise.race([
      new Promise<SFTPWrapper>((resolve, reject) =>
        client.sftp((error, made) => (error ? reject(error) : resolve(made))),
      ),
      lost.promise,
    ]);
    connection = { client, sftp, lost: lost.promise };
    return { ok: true, value: { hostKey: await fingerprintOf(hostKey ?? new Uint8Array()), banner } };
  }

  /** Sends one SFTP request. Throws RapConnectionLost if its answer can no longer arrive. */
  async function send<T>(request: (sftp: SFTPWrapper, done: Done<T>) => void): Promise<RapAnswer<T>> {
    if (!connection) throw new RapConnectionLost(address);
    const { sftp, lost } = connection;
    const answer = new Promise<RapAnswer<T>>((resolve, reject) =>
      request(sftp, (error, value) => {
        if (!error) resolve({ ok: true, value });
        else if (typeof error.code === 'number') resolve({ ok: false, says: error.message, status: error.code });
        // The error of ssh2 for a request whose connection broke.
        else reject(new RapConnectionLost(address, error));
      }),
    );
    return Promise.race([lost, answer]);
  }

  function list(path: string): Promise<RapAnswer<readonly RapEntry[]>> {
    return send((sftp, done) =>
      sftp.readdir(path, (error, names) =>
        done(
          error as SftpError | undefined,
          error
            ? []
            : names.map(({ filename, attrs }) => ({
                name: filename,
                isFolder: (attrs.mode & FOLDER_BIT) !== 0,
                sizeBytes: attrs.size,
                modifiedAt: attrs.mtime * 1000,
              })),
        ),
      ),
    );
  }

  /** The bytes of a file from an offset on, so that a transfer that was cut can be resumed. */
  async function fetch(path: string, from = 0): Promise<RapAnswer<Buffer>> {
    const opened = await send<Buffer>((sftp, done) => sftp.open(path, 'r', done as Done<Buffer>));
    if (!opened.ok) return opened;
    const handle = opened.value;
    const pieces: Buffer[] = [];
    for (let at = from; ; ) {
      const piece = Buffer.alloc(PIECE_BYTES);
      const read = await send<number>((sftp, done) =>
        sftp.read(handle, piece, 0, piece.length, at, (error, bytes) => done(error as SftpError | undefined, bytes)),
      );
      // The end of a file is a status too: like OpenSSH's client, read until it comes.
      if (!read.ok && read.status !== END_OF_FILE) return read;
      if (!read.ok || read.value === 0) break;
      pieces.push(piece.subarray(0, read.value));
      at += read.value;
    }
    await send<void>((sftp, done) => sftp.close(handle, done as Done<void>));
    return { ok: true, value: Buffer.concat(pieces) };
  }

  function logOff(): void {
    connection?.client.end();
    connection = null;
  }

  return { logOn, list, fetch, logOff, [Symbol.dispose]: logOff };
}

const END_OF_FILE = 1;

type SftpError = Error & { readonly code?: number | string };
type Done<T> = (error: SftpError | null | undefined, value: T) => void;
