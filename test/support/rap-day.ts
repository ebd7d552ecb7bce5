import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { instant } from '../../src/domain/calendar/calendar.ts';
import type { JournalKind } from '../../src/domain/journal/journal.ts';
import type { RapFile } from '../../src/domain/nouns/reports.ts';
import { isRefusal, type Refusal } from '../../src/domain/refusal.ts';
import { startHarness } from '../../src/harness/harness.ts';
import type { Harness, HarnessOptions } from '../../src/harness/options.ts';
import { ofKind } from './of-kind.ts';

export const FULL = process.env.HARNESS_TEST_SIZE === 'full';
/** Friday night before the circular's Saturday. */
export const NIGHT = instant('2021-07-23T22:00');
export const hasSftp = spawnSync('sftp', ['-h']).error === undefined;

export function rapNight(options: HarnessOptions = {}): Promise<Harness> {
  return startHarness({ at: NIGHT, clock: 'frozen', log: 'silent', ...options });
}

export function good<T>(answer: T | Refusal): T {
  if (isRefusal(answer)) throw new Error(`${answer.refusal}: ${answer.detail.en}`);
  return answer;
}

/** Publishes a package that no run produces: the data file, then the control file. */
export async function publish(
  { control }: Pick<Harness, 'control'>,
  csv: string | Buffer,
  place: {
    id?: string;
    participant?: string;
    businessDate?: string;
    snapshot?: string;
    folder?: RapFile['folder'];
  } = {},
): Promise<[RapFile, RapFile]> {
  const whole = { id: 'ZTEST01', participant: 'B09901', businessDate: '2021-07-23', snapshot: '2030', ...place };
  const content = Buffer.from(csv).toString('base64');
  const { files } = good(await control.publishRapPackage({ ...whole, content }));
  return files as unknown as [RapFile, RapFile];
}

export async function journalled<K extends JournalKind>({ control }: Pick<Harness, 'control'>, ...kinds: K[]) {
  const { entries } = good(await control.journal({ kinds: kinds.join(), limit: 10_000 }));
  return ofKind(entries, ...kinds);
}

export async function folder() {
  const path = await mkdtemp(join(tmpdir(), 'rap-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** A key pair as ssh-keygen makes it, and its public line. */
export function keyPair(dir: string, name: string, ...type: string[]): { path: string; publicKey: string } {
  const path = join(dir, name);
  execFileSync('ssh-keygen', ['-q', '-N', '', '-f', path, '-C', name, ...type]);
  return { path, publicKey: execFileSync('ssh-keygen', ['-y', '-f', path]).toString() };
}

export interface SftpRun {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface SftpCall {
  /** Of the address, by default the line's. */
  readonly at?: string;
  readonly user?: string;
  /** Path of a private key; default: the demo user's. */
  readonly key?: string;
  readonly args?: readonly string[];
  /** Batch mode never prompts. Default: true. */
  readonly batch?: boolean;
  /** Called with the standard output so far. */
  readonly seen?: (out: string) => void;
}

/** OpenSSH's sftp with the harness's known_hosts: strict, and without the user's configuration. */
export async function openSftp(harness: Harness, dir: string, commands: string, call: SftpCall = {}): Promise<SftpRun> {
  const { hostname, port } = new URL(call.at ?? harness.addresses.sftp);
  const hosts = join(dir, 'known_hosts');
  await writeFile(hosts, await harness.rap.knownHosts());
  const key = call.key ?? join(dir, 'demo-key');
  if (call.key === undefined) {
    await rm(key, { force: true });
    await writeFile(key, harness.rap.privateKey, { mode: 0o600 });
  }
  const options = [
    'IdentitiesOnly=yes',
    `UserKnownHostsFile=${hosts}`,
    'GlobalKnownHostsFile=/dev/null',
    'StrictHostKeyChecking=yes',
  ];
  const args = ['-F', '/dev/null', ...options.flatMap((option) => ['-o', option]), '-i', key, '-P', port];
  if (call.batch !== false) args.push('-b', '-');
  const { SSH_AUTH_SOCK: _, ...env } = process.env;
  const child = spawn('sftp', [...args, ...(call.args ?? []), `${call.user ?? 'B09901'}@${hostname}`], {
    cwd: dir,
    env,
  });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    call.seen?.(out);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  child.stdin.end(commands);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, out, err }));
  });
}

/** Files that an SSH client needs to log on: its key and the server's host keys. Returns their paths. */
export async function sshFiles(
  { rap }: Harness,
  dir: string,
): Promise<{ readonly key: string; readonly hosts: string }> {
  const files = { key: join(dir, 'key'), hosts: join(dir, 'known_hosts') };
  await writeFile(files.key, rap.privateKey, { mode: 0o600 });
  await writeFile(files.hosts, await rap.knownHosts());
  return files;
}
