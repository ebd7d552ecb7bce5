import type { Socket } from 'node:net';
import type { Algorithms, ClientInfo, Connection, Server, ServerConfig } from 'ssh2';
import type { HostKey } from './host-keys.ts';
import { listSignatureAlgorithms, offersOf } from './ssh2-corrections.ts';

/**
 * The algorithms offered to clients, modern ones only, in the server's order (the client's order wins). A mock convention,
 * as HKEX publishes no list. ssh2 has no post-quantum key exchange. docs/rap.md has the details.
 */
export const ALGORITHMS = {
  kex: [
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'ecdh-sha2-nistp256',
    'ecdh-sha2-nistp384',
    'ecdh-sha2-nistp521',
    'diffie-hellman-group16-sha512',
    'diffie-hellman-group14-sha256',
  ],
  serverHostKey: ['ecdsa-sha2-nistp256', 'rsa-sha2-512', 'rsa-sha2-256'],
  cipher: [
    'aes128-gcm@openssh.com',
    'aes256-gcm@openssh.com',
    'chacha20-poly1305@openssh.com',
    'aes128-ctr',
    'aes192-ctr',
    'aes256-ctr',
  ],
  hmac: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256', 'hmac-sha2-512'],
  // The files are zipped already.
  compress: ['none'],
} as const satisfies Algorithms;

/** Shown before authentication: the only text that every client gets. PuTTY breaks lines after 77 characters. */
const BANNER = 'SIMULATED by ccass-harness: this is not RAP of HKSCC.\r\nNot affiliated with HKEX.\r\n';

export interface SshServer {
  /** Takes a raw socket. Calls `connected` once the client has sent its SSH version. */
  take(socket: Socket, connected: (ssh: Connection, info: ClientInfo) => void): void;
  /** Reads a public key in SSH's wire format; null if it is not valid. */
  readKey(blob: Buffer): VerifyingKey | null;
}

export interface VerifyingKey {
  /** Such as ssh-rsa, whatever the signature. */
  readonly type: string;
  verify(data: Buffer, signature: Buffer, hash: string | undefined): boolean;
}

/** An SSH server that never listens. ssh2 is loaded here, at the first connection, and not when the harness starts. */
export async function createSshServer(version: string, hostKeys: readonly HostKey[]): Promise<SshServer> {
  const { default: ssh2 } = await import('ssh2');
  const waiting = new WeakMap<Socket, (ssh: Connection, info: ClientInfo) => void>();
  const parsed = (pem: string) => {
    const key = ssh2.utils.parseKey(pem);
    if (key instanceof Error) throw key;
    return key;
  };
  const server: Server = new ssh2.Server({
    hostKeys: hostKeys.flatMap(({ key }) => offersOf(parsed(key))) as unknown as ServerConfig['hostKeys'],
    algorithms: ALGORITHMS as unknown as Algorithms,
    ident: `ccass-harness_${version} SIMULATED`,
    banner: BANNER,
  });
  server.on('connection', (ssh: Connection, info: ClientInfo) => {
    const connected = waiting.get(rawSocketOf(ssh));
    listSignatureAlgorithms(ssh);
    if (connected) connected(ssh, info);
    else ssh.end();
  });
  server.on('error', () => undefined);
  return {
    take(socket, connected) {
      waiting.set(socket, connected);
      server.injectSocket(socket);
    },
    readKey(blob) {
      const key = ssh2.utils.parseKey(blob);
      if (key instanceof Error) return null;
      return { type: key.type, verify: (data, signature, hash) => key.verify(data, signature, hash) === true };
    },
  };
}

/**
 * The socket below an SSH connection. ssh2 has no public name for it, and calls it `_sock` in every version so far; no
 * client can connect if that changes.
 */
function rawSocketOf(ssh: object): Socket {
  if ('_sock' in ssh) return ssh._sock as Socket;
  throw new Error('this version of ssh2 does not expose the socket of a connection');
}

/** Bytes that the client's end of an SFTP channel accepts now; ssh2 keeps the rest in memory. Not public either. */
export function windowOf(sftp: object): number {
  const { outgoing } = sftp as { outgoing?: { window?: number } };
  return outgoing?.window ?? Number.POSITIVE_INFINITY;
}

/** Payload bytes of an SFTP channel that wait for the client's window, or for new keys; not public either. */
export function unsentOf(sftp: object): number {
  const { _buffer, _protocol } = sftp as { _buffer?: readonly Buffer[]; _protocol?: { _queue?: readonly Buffer[] } };
  let bytes = 0;
  for (const payload of _buffer ?? []) bytes += payload.length;
  for (const packet of _protocol?._queue ?? []) bytes += packet.length;
  return bytes;
}

/**
 * Which code encrypts. ssh2 silently falls back to JavaScript if its native part was built for another Node, and says so
 * only in an internal file without types.
 */
export async function ciphers(): Promise<'native' | 'JavaScript'> {
  const file: string = 'ssh2/lib/protocol/crypto.js';
  const { default: crypto } = (await import(file)) as { default?: { bindingAvailable?: boolean } };
  return crypto?.bindingAvailable ? 'native' : 'JavaScript';
}
