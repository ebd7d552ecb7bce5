import type { Socket } from 'node:net';
import type { Algorithms, ClientInfo, Connection, Server } from 'ssh2';
import type { HostKey } from './host-keys.ts';

/**
 * What is agreed on with clients, each list in our order (the client's order wins). Modern ones only; a mock convention,
 * as HKEX publishes no list. ssh2 has no post-quantum key exchange, and offers `ssh-rsa` for the host key whatever it is
 * told: that is refused once it is agreed on (see `isWeak`). docs/rap.md tells all of it.
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
  // What is served is zipped already.
  compress: ['none'],
} as const satisfies Algorithms;

/** Shown before anybody is known: the only text that every client gets. PuTTY breaks lines after 77 characters. */
const BANNER = 'SIMULATED by ccass-harness: this is not RAP of HKSCC.\r\nNot affiliated with HKEX.\r\n';

export interface SshServer {
  /** Takes a raw socket. `connected` comes when the client has said which SSH it speaks. */
  take(socket: Socket, connected: (ssh: Connection, info: ClientInfo) => void): void;
  /** Reads a public key as SSH sends it; null if it cannot. */
  readKey(blob: Buffer): VerifyingKey | null;
}

export interface VerifyingKey {
  verify(data: Buffer, signature: Buffer, hash: string | undefined): boolean;
}

/** An SSH server that never listens. ssh2 is loaded here, at the first connection, and not when the harness starts. */
export async function createSshServer(version: string, hostKeys: readonly HostKey[]): Promise<SshServer> {
  const { default: ssh2 } = await import('ssh2');
  const waiting = new WeakMap<Socket, (ssh: Connection, info: ClientInfo) => void>();
  const server: Server = new ssh2.Server({
    hostKeys: hostKeys.map(({ key }) => key),
    algorithms: ALGORITHMS as unknown as Algorithms,
    ident: `ccass-harness_${version} SIMULATED`,
    banner: BANNER,
  });
  server.on('connection', (ssh: Connection, info: ClientInfo) => {
    const connected = waiting.get(rawSocketOf(ssh));
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
      return { verify: (data, signature, hash) => key.verify(data, signature, hash) === true };
    },
  };
}

/**
 * The socket below an SSH connection. It has no public name; ssh2 calls it `_sock` in every version so far, and no
 * client gets in where it does not.
 */
function rawSocketOf(ssh: object): Socket {
  if ('_sock' in ssh) return ssh._sock as Socket;
  throw new Error('this version of ssh2 does not say which socket a connection is on');
}

/** Bytes that the client's end of an SFTP channel takes now; ssh2 keeps the rest in memory. Not public either. */
export function windowOf(sftp: object): number {
  const { outgoing } = sftp as { outgoing?: { window?: number } };
  return outgoing?.window ?? Number.POSITIVE_INFINITY;
}

/** Whether a handshake agreed on a host key signed with SHA-1, which ssh2 cannot be told not to offer. */
export function isWeak({ serverHostKey }: { readonly serverHostKey: string }): boolean {
  return serverHostKey === 'ssh-rsa' || serverHostKey === 'ssh-dss';
}

/**
 * What encrypts here. ssh2 falls back to JavaScript without a word where its native part was built for another Node; it
 * says so only in a file of its own, which has no types.
 */
export async function ciphers(): Promise<'native' | 'JavaScript'> {
  const file: string = 'ssh2/lib/protocol/crypto.js';
  const { default: crypto } = (await import(file)) as { default?: { bindingAvailable?: boolean } };
  return crypto?.bindingAvailable ? 'native' : 'JavaScript';
}
