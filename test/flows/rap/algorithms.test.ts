import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import ssh2, { type Algorithms } from 'ssh2';
import { describe, expect, test } from 'vitest';
import type { EntryOf } from '../../../src/domain/journal/journal.ts';
import type { Harness } from '../../../src/harness/options.ts';
import { folder, good, hasSftp, journalled, keyPair, openSftp, rapNight } from '../../support/rap-day.ts';
import { notedWhere } from '../../support/rehearsal.ts';

const run = promisify(execFile);
const has = (program: string, ...args: string[]) => spawnSync(program, args, { timeout: 20_000 }).error === undefined;
// Clients that .ci/run installs; each test is skipped only where its client is missing.
const hasDropbear = has('dbclient', '-V') && has('dropbearconvert');
const hasRclone = has('rclone', 'version');
const python = ['python3', '/usr/bin/python3'].find(
  (program) => spawnSync(program, ['-W', 'ignore', '-c', 'import asyncssh']).status === 0,
);
const JSCH = '/usr/share/java/jsch.jar';
const hasJsch = existsSync(JSCH) && has('javac', '-version');

/** An RSA key of B09901, in the form that every client reads, and what a client needs to connect. */
async function rsaNight(dir: string) {
  const harness = await rapNight();
  const key = keyPair(dir, 'rsa', '-t', 'rsa', '-b', '3072', '-m', 'PEM');
  good(await harness.control.addRapKey({ participant: 'B09901', publicKey: key.publicKey }));
  const hosts = join(dir, 'known_hosts');
  await writeFile(hosts, await harness.rap.knownHosts());
  const { port } = new URL(harness.addresses.sftp);
  return { harness, key: key.path, hosts, port };
}

/**
 * What the server says of its algorithms to ssh2 as a client, which logs on with an RSA key if it can.
 * @param isDeaf whether the client signs by SHA-1 whatever the server says
 */
async function heard(harness: Harness, privateKey: Buffer, algorithms: Algorithms, isDeaf = false) {
  const { hostname: host, port } = new URL(harness.addresses.sftp);
  const said = { hostKeys: '', signatures: [] as string[], accepted: [] as string[], isIn: false };
  const client = new ssh2.Client();
  client.on('error', () => undefined);
  client.on('ready', () => {
    said.isIn = true;
    client.end();
  });
  const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
  const debug = (line: string) => {
    said.hostKeys = /\(remote\) Host key format: (.*)/.exec(line)?.[1] ?? said.hostKeys;
  };
  client.connect({ host, port: Number(port), username: 'B09901', privateKey, algorithms, debug });
  type Handler = (protocol: unknown, ...args: never[]) => void;
  const { _handlers: handlers } = (client as unknown as { _protocol: { _handlers: Record<string, Handler> } })
    ._protocol;
  const { EXT_INFO, USERAUTH_PK_OK } = handlers;
  handlers.EXT_INFO = (protocol, extensions: { name: string; algs: string[] }[]) => {
    for (const { name, algs } of extensions) if (name === 'server-sig-algs') said.signatures.push(...algs);
    if (!isDeaf) EXT_INFO?.(protocol, extensions as never);
  };
  handlers.USERAUTH_PK_OK = (protocol, name: string, ...rest: never[]) => {
    said.accepted.push(name);
    USERAUTH_PK_OK?.(protocol, name as never, ...rest);
  };
  await closed;
  return said;
}

const SIGNATURES = [
  ...['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521'],
  ...['rsa-sha2-512', 'rsa-sha2-256'],
];

describe.each(['ecdsa-sha2-nistp256', 'rsa-sha2-256', 'rsa-sha2-512'])('with a host key by %s', (serverHostKey) => {
  test.skipIf(!hasSftp)('every list and name that the server sends can be held against it', async () => {
    await using dir = await folder();
    const { harness, key } = await rsaNight(dir.path);
    await using _ = harness;
    const said = await heard(harness, await readFile(key), { serverHostKey: [serverHostKey] } as Algorithms);
    expect(said).toMatchObject({
      hostKeys: 'ecdsa-sha2-nistp256,rsa-sha2-512,rsa-sha2-256',
      signatures: SIGNATURES,
      isIn: true,
    });
    expect(said.accepted).toEqual([expect.stringMatching(/^rsa-sha2-(256|512)$/)]);
    const [opened] = await journalled(harness, 'ssh-opened');
    expect(opened?.detail.agreed.hostKey).toBe(serverHostKey);
  });
});

test.skipIf(!hasSftp)('an RSA key that signs by SHA-1 is refused, and the journal says so', async () => {
  await using dir = await folder();
  const { harness, key } = await rsaNight(dir.path);
  await using _ = harness;
  expect(await heard(harness, await readFile(key), {}, true)).toMatchObject({ isIn: false, accepted: [] });
  const bySha1 = ({ detail }: EntryOf<'refusal'>) => detail.says.en.includes('by SHA-1');
  // The client may be gone before it is noted.
  expect(await notedWhere(harness.control, { kinds: ['refusal'] }, bySha1)).toMatchObject({ participant: 'B09901' });
});

describe.skipIf(!hasSftp)('OpenSSH that may sign by ssh-rsa alone', () => {
  test.each([
    ['by its options', ['-o', 'PubkeyAcceptedAlgorithms=ssh-rsa']],
    ['as one without a key', ['-o', 'PubkeyAuthentication=no']],
  ])('%s: the journal has the cause and what to do (NOTHING_OFFERED)', async (_, args) => {
    await using dir = await folder();
    const { harness, key } = await rsaNight(dir.path);
    await using __ = harness;
    expect((await openSftp(harness, dir.path, 'ls\n', { key, args })).code).not.toBe(0);
    const isEnd = ({ protocol }: EntryOf<'closed'>) => protocol === 'sftp';
    const { detail } = await notedWhere(harness.control, { kinds: ['closed'] }, isEnd);
    expect(detail).toMatchObject({
      ...{ how: 'closed', code: 'NOTHING_OFFERED', software: expect.stringMatching(/^OpenSSH/) },
      cause: { en: expect.stringMatching(/SHA-1 \(ssh-rsa\)/), zh: expect.stringMatching(/SHA-1（ssh-rsa）/) },
      remedy: { en: expect.stringMatching(/rsa-sha2-256.*PubkeyAcceptedAlgorithms/), zh: expect.stringMatching(/請/) },
    });
  });

  test('and with a modern algorithm beside it, it gets in, and its end has no cause', async () => {
    await using dir = await folder();
    const { harness, key } = await rsaNight(dir.path);
    await using _ = harness;
    const args = ['-o', 'PubkeyAcceptedAlgorithms=ssh-rsa,rsa-sha2-256'];
    expect(await openSftp(harness, dir.path, 'ls\n', { key, args })).toMatchObject({ code: 0 });
    const isEnd = ({ protocol }: EntryOf<'closed'>) => protocol === 'sftp';
    expect((await notedWhere(harness.control, { kinds: ['closed'] }, isEnd)).detail.code).toBeUndefined();
  });
});

describe('an RSA key gets in', () => {
  test.skipIf(!hasRclone || !hasSftp)('by rclone (Go)', { timeout: 60_000 }, async () => {
    await using dir = await folder();
    const { harness, key, hosts, port } = await rsaNight(dir.path);
    await using _ = harness;
    const config = join(dir.path, 'rclone.conf');
    const lines = ['[rap]', 'type = sftp', 'host = 127.0.0.1', `port = ${port}`, 'user = B09901'];
    await writeFile(config, [...lines, `key_file = ${key}`, `known_hosts_file = ${hosts}`, ''].join('\n'));
    const { stdout } = await run('rclone', ['--config', config, '--retries', '1', 'lsd', 'rap:']);
    expect(stdout).toContain('INBOX');
  });

  test.skipIf(!python || !hasSftp)('by asyncssh', { timeout: 60_000 }, async () => {
    await using dir = await folder();
    const { harness, key, hosts, port } = await rsaNight(dir.path);
    await using _ = harness;
    const { stdout } = await run(String(python), ['-W', 'ignore', '-c', ASYNCSSH, port, key, hosts]);
    expect(stdout).toContain('INBOX');
  });

  test.skipIf(!hasDropbear || !hasSftp)('by dropbear', { timeout: 60_000 }, async () => {
    await using dir = await folder();
    const { harness, key, port } = await rsaNight(dir.path);
    await using _ = harness;
    const converted = join(dir.path, 'rsa.dropbear');
    await run('dropbearconvert', ['openssh', 'dropbear', key, converted]);
    // As the transport of OpenSSH's sftp; a shell drops the options that dropbear does not know.
    const transport = join(dir.path, 'transport');
    const command = `exec dbclient -y -i ${converted} -p ${port} -s B09901@127.0.0.1 sftp`;
    await writeFile(transport, `#!/bin/sh\n${command}\n`, { mode: 0o755 });
    const { code, out, err } = await openSftp(harness, dir.path, 'ls\n', { args: ['-S', transport] });
    expect(code, err).toBe(0);
    expect(out).toContain('INBOX');
    const [opened] = await journalled(harness, 'ssh-opened');
    expect(opened?.detail.software).toMatch(/^dropbear/);
  });
});

const ASYNCSSH = `
import asyncio, asyncssh, sys
port, key, hosts = sys.argv[1:]
async def main():
    options = {'username': 'B09901', 'client_keys': [key], 'known_hosts': hosts}
    async with await asyncssh.connect('127.0.0.1', int(port), **options) as connection:
        async with connection.start_sftp_client() as sftp:
            print(await sftp.listdir('/'))
asyncio.run(main())
`;

const JAVA = `
import com.jcraft.jsch.*;
public class Rap {
  public static void main(String[] a) throws Exception {
    JSch jsch = new JSch();
    jsch.setKnownHosts(a[1]);
    Session session = jsch.getSession("B09901", "127.0.0.1", Integer.parseInt(a[0]));
    session.setPassword(a[2]);
    if (a.length > 3) session.setConfig("server_host_key", a[3]);
    try {
      session.connect(20000);
      ChannelSftp sftp = (ChannelSftp) session.openChannel("sftp");
      sftp.connect(20000);
      System.out.println(session.getHostKey().getType() + " " + sftp.ls("/"));
      System.exit(0);
    } catch (Exception e) {
      System.out.println(e.getMessage());
      System.exit(1);
    }
  }
}
`;

describe.skipIf(!hasJsch)('JSch', () => {
  const java = async (dir: string, ...args: string[]) => {
    await writeFile(join(dir, 'Rap.java'), JAVA);
    await run('javac', ['-nowarn', '-cp', JSCH, '-d', dir, join(dir, 'Rap.java')]);
    return spawnJava(['-cp', `${JSCH}:${dir}`, 'Rap', ...args]);
  };
  const spawnJava = (args: string[]) =>
    run('java', args).then(
      ({ stdout }) => ({ code: 0, stdout }),
      ({ code, stdout }: { code: number; stdout: string }) => ({ code, stdout }),
    );

  test('as it comes, which names ssh-rsa first, gets in by ECDSA', { timeout: 60_000 }, async () => {
    await using harness = await rapNight();
    await using dir = await folder();
    const hosts = join(dir.path, 'known_hosts');
    await writeFile(hosts, await harness.rap.knownHosts());
    const { port } = new URL(harness.addresses.sftp);
    const { code, stdout } = await java(dir.path, port, hosts, harness.rap.password);
    expect(code, stdout).toBe(0);
    expect(stdout).toMatch(/^ecdsa-sha2-nistp256 .*INBOX/);
  });

  test('with ssh-rsa alone is refused, with the cause and the remedy in the journal (NO_COMMON_ALGORITHM)', {
    timeout: 60_000,
  }, async () => {
    await using harness = await rapNight();
    await using dir = await folder();
    const hosts = join(dir.path, 'known_hosts');
    await writeFile(hosts, await harness.rap.knownHosts());
    const { port } = new URL(harness.addresses.sftp);
    const { code } = await java(dir.path, port, hosts, harness.rap.password, 'ssh-rsa');
    expect(code).toBe(1);
    const [closed] = await journalled(harness, 'closed');
    expect(closed?.detail).toMatchObject({
      how: 'refused',
      code: 'NO_COMMON_ALGORITHM',
      software: expect.stringContaining('JSCH'),
      cause: { en: expect.stringContaining('host key format') },
      remedy: { en: expect.stringContaining('docs/rap.md') },
    });
  });
});
