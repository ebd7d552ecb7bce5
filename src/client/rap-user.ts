import type { Client, SFTPWrapper } from 'ssh2';
import { fingerprintOf, isKnownHost } from './known-hosts.ts';

export interface RapUserOptions {
  /** The address that never changes, such as `sftp://127.0.0.1:7022`. */
  readonly sftp: string;
  /** Lines of a known_hosts file. Whoever shows another key is not talked to. */
  readonly knownHosts: string;
  /** The RAP user ID: the participant's. */
  readonly participant: string;
  /** PEM or OpenSSH's own form. */
  readonly privateKey?: string | undefined;
  readonly password?: string | undefined;
}

/** What the server answered: the value, or why not, in its own words. */
export type RapAnswer<T> =
  | { readonly ok: true; readonly value: T }
  /** `status` is SFTP's, or null where SSH refused. */
  | { readonly ok: false; readonly says: string; readonly status: number | null };

export interface RapLoggedOn {
  /** Of the host key, which is known. */
  readonly hostKey: string;
  /** What the server shows everybody before log-on. */
  readonly banner: string;
}

export interface RapEntry {
  readonly name: string;
  readonly isFolder: boolean;
  readonly sizeBytes: number;
  readonly modifiedAt: number;
}

export type RapUser = ReturnType<typeof rapUser>;

/** The connection is gone: closed by the server, cut, or never there. */
export class RapConnectionLost extends Error {
  constructor(sftp: string, cause?: Error) {
    super(`${sftp}: the connection is gone${cause ? ` (${cause.message})` : ''}: log on again at the same address`, {
      cause,
    });
    this.name = 'RapConnectionLost';
  }
}

/** The server's key is not the known one; nothing was sent to it. */
export class UnknownHostKey extends Error {
  constructor(sftp: string, fingerprint: string) {
    super(`${sftp} shows the host key ${fingerprint}, which is not known for it: see known_hosts`);
    this.name = 'UnknownHostKey';
  }
}

/** Bytes asked for at once; what OpenSSH's client asks for too. */
const PIECE_BYTES = 32_768;
/** Wall milliseconds until a connection has to be there and logged on. */
const READY_MS = 30_000;
const FOLDER_BIT = 0o040000;

/**
 * A clearing participant's RAP tooling in short: SFTP at one unchanged address, the host key checked, one connection at a
 * time. What is refused is an answer; a connection that breaks and a host key that is not known are thrown.
 */
export function rapUser(options: RapUserOptions) {
  const { sftp: address, knownHosts, participant, privateKey, password } = options;
  const { hostname, port } = new URL(address);
  const host = hostname.replace(/^\[|\]$/g, '');
  let on: { readonly client: Client; readonly sftp: SFTPWrapper; readonly gone: Promise<never> } | null = null;

  /** Logs on over a connection of its own; one that stands is closed. */
  async function logOn(): Promise<RapAnswer<RapLoggedOn>> {
    logOff();
    const { default: ssh2 } = await import('ssh2');
    const client = new ssh2.Client();
    let shown: Uint8Array | undefined;
    let banner = '';
    const told: string[] = [];
    client.on('banner', (text) => {
      banner += text;
    });
    client.on('keyboard-interactive', (title, instructions, _language, prompts, finish) => {
      told.push([title, instructions].filter((text) => text !== '').join('\n'));
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
      // A key before a password: left to itself, ssh2 does it the other way round.
      authHandler: [
        'none',
        ...(privateKey === undefined ? [] : (['publickey'] as const)),
        ...(password === undefined ? [] : (['password'] as const)),
        'keyboard-interactive',
      ],
      hostVerifier(key: Buffer) {
        shown = key;
        return isKnownHost(knownHosts, { host, port: Number(port) || 22, key });
      },
    });
    // ssh2 writes a packet in pieces: left to Nagle, each request would wait 40 ms for an acknowledgement.
    client.setNoDelay(true);
    try {
      await Promise.race([ready, lost.promise]);
    } catch (error) {
      if (failure?.level === 'client-authentication') {
        return { ok: false, says: told.join('\n') || failure.message, status: null };
      }
      if (shown && !isKnownHost(knownHosts, { host, port: Number(port) || 22, key: shown })) {
        throw new UnknownHostKey(address, await fingerprintOf(shown));
      }
      throw error;
    }
    const sftp = await Promise.race([
      new Promise<SFTPWrapper>((resolve, reject) =>
        client.sftp((error, made) => (error ? reject(error) : resolve(made))),
      ),
      lost.promise,
    ]);
    on = { client, sftp, gone: lost.promise };
    return { ok: true, value: { hostKey: await fingerprintOf(shown ?? new Uint8Array()), banner } };
  }

  /** One request of SFTP. Throws RapConnectionLost if its answer cannot come any more. */
  async function ask<T>(request: (sftp: SFTPWrapper, done: Done<T>) => void): Promise<RapAnswer<T>> {
    const connection = on;
    if (!connection) throw new RapConnectionLost(address);
    const answer = new Promise<RapAnswer<T>>((resolve, reject) =>
      request(connection.sftp, (error, value) => {
        if (!error) resolve({ ok: true, value });
        else if (typeof error.code === 'number') resolve({ ok: false, says: error.message, status: error.code });
        // What ssh2 says of a request that was under way when its connection broke.
        else reject(new RapConnectionLost(address, error));
      }),
    );
    return Promise.race([connection.gone, answer]);
  }

  function list(path: string): Promise<RapAnswer<readonly RapEntry[]>> {
    return ask((sftp, done) =>
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

  /** The bytes of a file, from an offset on: what a transfer that was cut goes on with. */
  async function fetch(path: string, from = 0): Promise<RapAnswer<Buffer>> {
    const opened = await ask<Buffer>((sftp, done) => sftp.open(path, 'r', done as Done<Buffer>));
    if (!opened.ok) return opened;
    const handle = opened.value;
    const pieces: Buffer[] = [];
    for (let at = from; ; ) {
      const piece = Buffer.alloc(PIECE_BYTES);
      const read = await ask<number>((sftp, done) =>
        sftp.read(handle, piece, 0, piece.length, at, (error, bytes) => done(error as SftpError | undefined, bytes)),
      );
      // The end of a file is a status too: OpenSSH's client asks until it comes.
      if (!read.ok && read.status !== END_OF_FILE) return read;
      if (!read.ok || read.value === 0) break;
      pieces.push(piece.subarray(0, read.value));
      at += read.value;
    }
    await ask<void>((sftp, done) => sftp.close(handle, done as Done<void>));
    return { ok: true, value: Buffer.concat(pieces) };
  }

  function logOff(): void {
    on?.client.end();
    on = null;
  }

  return { logOn, list, fetch, logOff, [Symbol.dispose]: logOff };
}

const END_OF_FILE = 1;

type SftpError = Error & { readonly code?: number | string };
type Done<T> = (error: SftpError | null | undefined, value: T) => void;
