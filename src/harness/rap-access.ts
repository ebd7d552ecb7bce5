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
  /** Its file, or null if it is in memory only. */
  readonly path: string | null;
}

let inMemory: string | undefined;

/** The key pair of the demo RAP user, generated at the first start: `rap-B09901` and `.pub` beside the certificates. */
export async function demoKey(certs: string | undefined, participant: string): Promise<DemoKey> {
  if (certs === undefined) {
    inMemory ??= newKey();
    return read(inMemory, participant, null);
  }
  await mkdir(certs, { recursive: true });
  const path = join(certs, `rap-${participant}`);
  const key = read(await loadOrCreate(path), participant, resolve(path));
  await writeFile(`${path}.pub`, `${key.algorithm} ${key.publicKey} ${key.comment}\n`);
  return key;
}

async function loadOrCreate(path: string): Promise<string> {
  const load = () =>
    readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
  const existing = await load();
  if (existing !== null) return existing;
  const temporary = `${path}.${process.pid}`;
  const key = newKey();
  await writeFile(temporary, key, { mode: 0o600, flush: true });
  // When two processes start at once, both use the key of the first.
  await link(temporary, path).catch((error: NodeJS.ErrnoException) =>
    error.code === 'EEXIST' ? undefined : rename(temporary, path),
  );
  await rm(temporary, { force: true });
  return (await load()) ?? key;
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

/** The changes that register the key in new books, if its participant is a RAP user. */
export function demoKeyChanges(participants: readonly Participant[], key: DemoKey, from: Instant): Change[] {
  const user = participants.find(({ id, type }) => id === key.participant && belongsTo('clearing', type));
  const { participant, fingerprint, algorithm, bits, publicKey, comment } = key;
  const row = { participant, fingerprint, algorithm, bits, publicKey, comment, from, until: null };
  return user ? [put('rapKey', row)] : [];
}

/** Registers the key in existing books that do not have it, beside the user's other keys. */
export async function registerDemoKey({ store, service }: BuiltCentre, key: DemoKey): Promise<void> {
  const { participant, fingerprint, algorithm, publicKey, comment } = key;
  if (!store.books.get('rapUser', participant) || store.books.get('rapKey', `${participant}/${fingerprint}`)) return;
  await service.rap.addKey({ participant, publicKey: `${algorithm} ${publicKey} ${comment}` });
}

/** The host keys, loaded at the first call. */
export function hostKeysOf(certs: string | undefined, show: HostKeyOptions['show']): () => Promise<HostKeys> {
  let keys: Promise<HostKeys> | undefined;
  return () => {
    keys ??= loadHostKeys({ dir: certs ?? 'memory', show });
    return keys;
  };
}

/** How to reach RAP. With a folder, also writes the lines to `known_hosts` there. */
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
      // The line has only the primary's keys: if the backup's differ, clients of the line are to notice.
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
      const summary = (keys: HostKeys['primary']) =>
        keys.map(({ algorithm, fingerprint }) => ({ algorithm, fingerprint }));
      return { primary: summary(primary), backup: summary(backup) };
    },
  };
}

/** The host names that clients on this machine use for a listener's address. */
export function namesOf(host: string, further: readonly string[]): string[] {
  const addresses = host === '0.0.0.0' || host === '::' ? ['127.0.0.1', '::1'] : [host];
  return [...new Set([...addresses, 'localhost', ...further.filter((name) => !name.startsWith('*'))])];
}
