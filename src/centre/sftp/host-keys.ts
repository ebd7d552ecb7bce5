import { createPublicKey, generateKeyPair } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CentreName } from '../../domain/nouns/market.ts';
import { fingerprintOf } from '../../service/rap/public-key.ts';

/** A host key of a centre. */
export interface HostKey {
  readonly algorithm: 'ecdsa-sha2-nistp256' | 'ssh-rsa';
  /** PEM, private. */
  readonly key: string;
  /** Base64, as in known_hosts. */
  readonly publicKey: string;
  readonly fingerprint: string;
}
export type HostKeys = Readonly<Record<CentreName, readonly HostKey[]>>;

export interface HostKeyOptions {
  /** The folder of the keys, created if missing; `memory` = nothing on disk, one set for the whole process. */
  readonly dir: string;
  /** `same`: both centres have the same keys, so clients need no second configuration; `distinct`: the backup has others. */
  readonly show: 'same' | 'distinct';
}

/** The forms that ssh2 reads: not PKCS#8, and no Ed25519 (docs/rap.md). */
const KINDS = {
  ecdsa: () =>
    privateKeyFrom((done) =>
      generateKeyPair(
        'ec',
        {
          namedCurve: 'P-256',
          privateKeyEncoding: { type: 'sec1', format: 'pem' },
          publicKeyEncoding: { type: 'spki', format: 'pem' },
        },
        done,
      ),
    ),
  rsa: () =>
    privateKeyFrom((done) =>
      generateKeyPair(
        'rsa',
        {
          modulusLength: 3072,
          privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
          publicKeyEncoding: { type: 'spki', format: 'pem' },
        },
        done,
      ),
    ),
} as const;
type Kind = keyof typeof KINDS;

/** The private half of a generated pair. */
function privateKeyFrom(
  generate: (done: (error: Error | null, publicKey: string, privateKey: string) => void) => void,
) {
  return new Promise<string>((resolve, reject) => {
    generate((error, _publicKey, privateKey) => (error ? reject(error) : resolve(privateKey)));
  });
}

/** The keys of a process without a folder. RSA takes long to generate, so that starts when first needed. */
const inMemory = new Map<string, Promise<HostKey>>();

/**
 * Loads the host keys of both centres, and generates missing ones. Rejects if a file cannot be read as such a key, with
 * the file's name and the next step.
 */
export async function loadHostKeys({ dir, show }: HostKeyOptions): Promise<HostKeys> {
  if (dir !== 'memory') await mkdir(dir, { recursive: true });
  const both = (prefix: string) =>
    Promise.all((['ecdsa', 'rsa'] as const).map((kind) => load(dir, `${prefix}ssh-host-${kind}-key.pem`, kind)));
  const primary = await both('');
  return { primary, backup: show === 'same' ? primary : await both('backup-') };
}

async function load(dir: string, name: string, kind: Kind): Promise<HostKey> {
  if (dir === 'memory') {
    const known = inMemory.get(name) ?? KINDS[kind]().then((key) => hostKey(key, name));
    inMemory.set(name, known);
    return known;
  }
  const path = join(dir, name);
  return hostKey((await read(path)) ?? (await publish(path, await KINDS[kind]())), path);
}

async function read(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
}

/** Writes the key to a temporary file first. When several processes start at once, all use the key of the first. */
async function publish(path: string, key: string): Promise<string> {
  const temporary = `${path}.${process.pid}`;
  await writeFile(temporary, key, { mode: 0o600, flush: true });
  try {
    await link(temporary, path);
    return key;
  } catch (error) {
    const existing = await read(path);
    if (existing !== null) return existing;
    // A file system without hard links.
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw error;
    await writeFile(path, key, { mode: 0o600, flag: 'wx', flush: true });
    return key;
  } finally {
    await rm(temporary, { force: true });
  }
}

function hostKey(key: string, path: string): HostKey {
  return { key, ...publicKeyOf(key, path) };
}

/** The public half of a private key in PEM. @throws Error naming `path` if it is not of P-256 or RSA. */
export function publicKeyOf(key: string, path: string): Omit<HostKey, 'key'> {
  let read: Omit<HostKey, 'key'> | null = null;
  try {
    const { kty, crv, x = '', y = '', n = '', e = '' } = createPublicKey(key).export({ format: 'jwk' });
    const bytes = (text: string) => Buffer.from(text, 'base64url');
    if (kty === 'EC' && crv === 'P-256') {
      const point = Buffer.concat([Buffer.of(4), bytes(x), bytes(y)]);
      read = sshKey('ecdsa-sha2-nistp256', [Buffer.from('nistp256'), point]);
    } else if (kty === 'RSA') {
      read = sshKey('ssh-rsa', [positive(bytes(e)), positive(bytes(n))]);
    }
  } catch {}
  if (read) return read;
  throw new Error(
    `${path} is not a PEM key of P-256 (SEC 1) or RSA (PKCS#1) without a passphrase: put one there, or remove it so that the next start generates one.`,
  );
}

function sshKey(algorithm: HostKey['algorithm'], parts: readonly Buffer[]) {
  const strings = [Buffer.from(algorithm), ...parts].flatMap((part) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(part.length);
    return [length, part];
  });
  const blob = Buffer.concat(strings);
  return { algorithm, publicKey: blob.toString('base64'), fingerprint: fingerprintOf(blob) };
}

/** SSH integers are signed: a leading zero byte where the first bit is set. */
const positive = (number: Buffer) => ((number[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.of(0), number]) : number);

/** The lines of a known_hosts file: each address with every key of its listener. */
export function knownHosts(
  listeners: readonly { readonly names: readonly string[]; readonly port: number; readonly keys: readonly HostKey[] }[],
): string {
  const lines = listeners.flatMap(({ names, port, keys }) => {
    const hosts = names.map((name) => (port === 22 ? name : `[${name}]:${port}`)).join(',');
    return keys.map(({ algorithm, publicKey }) => `${hosts} ${algorithm} ${publicKey}`);
  });
  return `${lines.join('\n')}\n`;
}
