import type { Connection, ParsedKey, PublicKeyAuthContext, SFTPWrapper } from 'ssh2';

/**
 * What ssh2 1.17 sends wrong as a server, corrected at its seams: without these, clients that hold the server to its
 * words agree on SHA-1 and are refused, or give up an RSA key. It has no options for any of it.
 */

/** Signature algorithms of user keys that the server accepts, for `server-sig-algs` (RFC 8308, section 3.1). */
export const SIGNATURE_ALGORITHMS = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
] as const;

/** RSA's signature algorithms by ssh2's names of their hashes. */
const RSA_BY_HASH: Readonly<Record<string, string>> = { sha256: 'rsa-sha2-256', sha512: 'rsa-sha2-512' };

/**
 * A host key in the forms that ssh2 offers as they are. From an RSA key it makes three offers, `ssh-rsa` among them; under
 * another type it makes the one of that name. The type is in no packet.
 */
export function offersOf(key: ParsedKey): { readonly key: ParsedKey }[] {
  if (key.type !== 'ssh-rsa') return [{ key }];
  const types = ['rsa-sha2-512', 'rsa-sha2-256'];
  return types.map((value) => ({ key: Object.create(key, { type: { value } }) as ParsedKey }));
}

/** The algorithm that a client names for its key; ssh2 has turned the names of RSA's into `ssh-rsa` and a hash. */
export function algorithmOf({ key, hashAlgo }: Pick<PublicKeyAuthContext, 'key' | 'hashAlgo'>): string {
  return (hashAlgo === undefined ? undefined : RSA_BY_HASH[hashAlgo]) ?? key.algo;
}

/** Answers that a key may sign, naming the algorithm that the client asked for: ssh2 would name `ssh-rsa` for RSA. */
export function acceptKey(context: PublicKeyAuthContext): void {
  context.key.algo = algorithmOf(context);
  context.accept();
}

/** The internals of a connection that `listSignatureAlgorithms` needs; ssh2 has had them in every 1.x. */
interface Internals {
  readonly _protocol: {
    _onHandshakeComplete(...agreed: unknown[]): void;
    readonly _kex: { remoteExtInfoEnabled: boolean };
    readonly _packetRW: {
      readonly write: { readonly allocStart: number; alloc(bytes: number): Buffer; finalize(packet: Buffer): Buffer };
    };
    readonly _cipher: { encrypt(packet: Buffer): void };
  };
}

/**
 * Sends a client that asks for it the right list of signature algorithms. ssh2's own lacks a comma, lists SHA-1 and DSA,
 * and is fixed. Call it before the key exchange.
 */
export function listSignatureAlgorithms(ssh: Connection): void {
  const protocol = (ssh as unknown as Internals)._protocol;
  const complete = protocol._onHandshakeComplete;
  let isFirst = true;
  protocol._onHandshakeComplete = (...agreed) => {
    const sends = isFirst && protocol._kex.remoteExtInfoEnabled;
    isFirst = false;
    if (sends) protocol._kex.remoteExtInfoEnabled = false;
    complete(...agreed);
    if (sends) sendExtensions(protocol);
  };
}

/** The internals of a channel that `endChannel` needs; ssh2 has had them in every 1.x. */
interface ChannelInternals {
  readonly outgoing: { readonly id: number; readonly state: string };
  readonly _protocol: { exitStatus(channel: number, status: number): void };
}

/**
 * Ends a channel whose requests are all answered, with exit status 0, as sshd does. ssh2 sends none for SFTP; OpenSSH's scp
 * then ends with 1 after a download that is whole.
 */
export function endChannel(sftp: SFTPWrapper): void {
  const { outgoing, _protocol } = sftp as unknown as ChannelInternals;
  if (outgoing.state === 'open' || outgoing.state === 'eof') _protocol.exitStatus(outgoing.id, 0);
  sftp.end();
}

const EXT_INFO = 7;

function sendExtensions({ _packetRW: { write }, _cipher }: Internals['_protocol']): void {
  const count = Buffer.of(0, 0, 0, 1);
  const payload = [Buffer.of(EXT_INFO), count, text('server-sig-algs'), text(SIGNATURE_ALGORITHMS.join(','))];
  const bytes = Buffer.concat(payload);
  const packet = write.alloc(bytes.length);
  packet.set(bytes, write.allocStart);
  _cipher.encrypt(write.finalize(packet));
}

function text(value: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(value.length);
  return Buffer.concat([length, Buffer.from(value, 'latin1')]);
}
