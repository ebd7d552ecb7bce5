import { generateKeyPairSync } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type HostKeyOptions, type HostKeys, knownHosts, loadHostKeys, publicKeyOf } from '../centre/sftp/host-keys.ts';
import { ciphers } from '../centre/sftp/ssh-server.ts';
import { belongsTo } from '../domain/calendar/rehearsal.ts';
import { type Change, put } from '../domain/change.ts';
import type { CentreName, Instant, Participant } from '../domain/nouns/market.ts';
import { isRefusal } from '../domain/refusal.ts';
import { type PublicKey, readPublicKey } from '../service/rap/public-key.ts';
import type { BuiltCentre } from './centre-core.ts';
import { shareKnownHosts } from './known-hosts.ts';
import type { RapAccess } from './options.ts';

export interface DemoKey extends PublicKey {
  readonly participant: string;
  /** PEM, private. */
  readonly privateKey: string;
  /** Where it stands as a file, or null if it is in memory only. */
  readonly path: string | null;
}

let inMemory: string | undefined;

/** The key pair of the RAP user to try with: made at the first start, `rap-B09901` and `.pub` beside the certificates. */
export async function demoKey(certs: string | undefined, participant: string): Promise<DemoKey> {
  if (certs === undefined) {
    inMemory ??= newKey();
    return read(inMemory, participant, null);
  }
  await mkdir(certs, { recursive: true });
  const path = join(certs, `rap-${participant}`);
  const key = read(await keptKey(path), participant, resolve(path));
  await writeFile(`${path}.pub`, `${key.algorithm} ${key.publicKey} ${key.comment}\n`);
  return key;
}

async function keptKey(path: string): Promise<string> {
  const there = () =>
    readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
  const known = await there();
  if (known !== null) return known;
  const own = `${path}.${process.pid}`;
  const key = newKey();
  await writeFile(own, key, { mode: 0o600, flush: true });
  // Of two processes that start at once, the first one's key stays.
  await link(own, path).catch((error: NodeJS.ErrnoException) =>
    error.code === 'EEXIST' ? undefined : rename(own, path),
  );
  await rm(own, { force: true });
  return (await there()) ?? key;
}

/** P-256 in SEC 1: OpenSSH, ssh2, Paramiko and PuTTYgen all read it. */
function newKey(): string {
  return generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'sec1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  }).privateKey;
}

function read(privateKey: string, participant: string, path: string | null): DemoKey {
  const { algorithm, publicKey } = publicKeyOf(privateKey, path ?? 'the demo key');
  const key = readPublicKey(`${algorithm} ${publicKey} ${participant} ccass-harness demo`);
  if (isRefusal(key)) throw new Error(`${path}: ${key.detail.en}`);
  return { ...key, participant, privateKey, path };
}

/** What registers the key in new books, if its participant is a RAP user there. */
export function demoKeyChanges(participants: readonly Participant[], key: DemoKey, from: Instant): Change[] {
  const user = participants.find(({ id, type }) => id === key.participant && belongsTo('clearing', type));
  const { participant, fingerprint, algorithm, bits, publicKey, comment } = key;
  const row = { participant, fingerprint, algorithm, bits, publicKey, comment, from, until: null };
  return user ? [put('rapKey', row)] : [];
}

/** In books that went on while the key was made anew, it is registered beside the others. */
export async function registerDemoKey({ store, service }: BuiltCentre, key: DemoKey): Promise<void> {
  const { participant, fingerprint, algorithm, publicKey, comment } = key;
  if (!store.books.get('rapUser', participant) || store.books.get('rapKey', `${participant}/${fingerprint}`)) return;
  await service.rap.addKey({ participant, publicKey: `${algorithm} ${publicKey} ${comment}` });
}

/** The host keys, loaded when first asked for. */
export function hostKeysOf(certs: string | undefined, show: HostKeyOptions['show']): () => Promise<HostKeys> {
  let keys: Promise<HostKeys> | undefined;
  return () => {
    keys ??= loadHostKeys({ dir: certs ?? 'memory', show });
    return keys;
  };
}

/** What a harness tells of RAP; with a folder, `known_hosts` there has its lines too. */
export async function rapAccess(options: {
  readonly key: DemoKey;
  readonly password: string;
  readonly certs: string | undefined;
  readonly hostKeys: () => Promise<HostKeys>;
  /** Names that clients reach the listeners by. */
  readonly names: readonly string[];
  readonly ports: Readonly<Record<CentreName | 'line', number>>;
}): Promise<RapAccess> {
  const { key, password, certs, hostKeys, names, ports } = options;
  const lines = async () => {
    const keys = await hostKeys();
    return knownHosts([
      // Of the line too: where the backup shows other keys, a client that comes by the line is to notice.
      { names, port: ports.line, keys: keys.primary },
      { names, port: ports.primary, keys: keys.primary },
      { names, port: ports.backup, keys: keys.backup },
    ]);
  };
  const path = certs === undefined ? null : join(certs, 'known_hosts');
  if (path !== null) await shareKnownHosts(path, await lines());
  return {
    user: key.participant,
    privateKey: key.privateKey,
    publicKey: `${key.algorithm} ${key.publicKey} ${key.comment}`,
    keyPath: key.path,
    password,
    knownHosts: lines,
    knownHostsPath: path === null ? null : resolve(path),
    ciphers,
    async fingerprints() {
      const { primary, backup } = await hostKeys();
      const told = (all: HostKeys['primary']) => all.map(({ algorithm, fingerprint }) => ({ algorithm, fingerprint }));
      return { primary: told(primary), backup: told(backup) };
    },
  };
}

/** Names of a listener's address as clients on this machine write them. */
export function namesOf(host: string, further: readonly string[]): string[] {
  const own = host === '0.0.0.0' || host === '::' ? ['127.0.0.1', '::1'] : [host];
  return [...new Set([...own, 'localhost', ...further.filter((name) => !name.startsWith('*'))])];
}
