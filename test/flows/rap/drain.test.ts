import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import type { Client } from 'ssh2';
import SftpClient from 'ssh2-sftp-client';
import { describe, expect, test } from 'vitest';
import type { Harness } from '../../../src/harness/options.ts';
import { folder, good, hasSftp, journalled, openSftp, publish, rapNight, sshFiles } from '../../support/rap-day.ts';
import { MIB, noise, session } from '../../support/rap-reading.ts';
import { entriesOf } from '../../support/zips.ts';

const python = ['python3', '/usr/bin/python3'].find(
  (program) => spawnSync(program, ['-c', 'import paramiko']).status === 0,
);

const drain = async (harness: Harness) => good(await harness.control.failover({ to: 'backup', mode: 'drain' }));

/** The file arrived, and the journal says so. */
async function expectWhole(harness: Harness, got: Buffer, csv: Buffer) {
  const [entry] = await entriesOf(got);
  expect(entry?.content.equals(csv)).toBe(true);
  const downloads = await journalled(harness, 'download');
  expect(downloads.map(({ centre, detail: { whole, ended, bytes } }) => [centre, whole, ended, bytes])).toEqual([
    ['primary', true, 'closed-by-client', got.length],
  ]);
}

/** Resolves when a file was opened. */
async function opened(harness: Harness): Promise<void> {
  const stop = new AbortController();
  for await (const _ of harness.control.follow({ after: 0, kinds: ['open'] }, stop.signal)) stop.abort();
}

describe('a transfer that is under way as a drain begins ends well, with every byte', () => {
  test.skipIf(!hasSftp)('OpenSSH sftp', { timeout: 60_000 }, async () => {
    await using harness = await rapNight({ limits: { finishMs: 30_000 } });
    await using dir = await folder();
    const csv = noise(5 * MIB);
    const [data] = await publish(harness, csv);
    // Its answers wait in pipes and buffers when the server has sent the last one.
    const under = openSftp(harness, dir.path, `get /INBOX/20210723/${data.name} got.zip\n`, { args: ['-l', '40000'] });
    await opened(harness);
    await drain(harness);
    const run = await under;
    expect(run.code, run.err).toBe(0);
    await expectWhole(harness, await readFile(join(dir.path, 'got.zip')), csv);
  });

  test('ssh2-sftp-client', async () => {
    await using harness = await rapNight({ limits: { finishMs: 30_000 } });
    const csv = noise(5 * MIB);
    const [data] = await publish(harness, csv);
    const client = new SftpClient();
    const { hostname, port } = new URL(harness.addresses.sftp);
    const { user, privateKey } = harness.rap;
    await client.connect({ host: hostname, port: Number(port), username: user, privateKey });
    // A request goes out in pieces, and each would wait 40 ms for an acknowledgement.
    (client as unknown as { client: Client }).client.setNoDelay(true);
    const pieces: Buffer[] = [];
    let switched: Promise<unknown> | undefined;
    const into = new Writable({
      write(piece: Buffer, _encoding, done) {
        switched ??= drain(harness);
        pieces.push(piece);
        setImmediate(done);
      },
    });
    await client.get(`/INBOX/20210723/${data.name}`, into);
    await switched;
    await expectWhole(harness, Buffer.concat(pieces), csv);
    await client.end();
  });

  test.skipIf(!python)('Paramiko', { timeout: 60_000 }, async () => {
    await using harness = await rapNight({ limits: { finishMs: 30_000 } });
    await using dir = await folder();
    const csv = noise(5 * MIB);
    const [data] = await publish(harness, csv);
    const { key, hosts } = await sshFiles(harness, dir.path);
    const to = join(dir.path, 'got.zip');
    const { hostname, port } = new URL(harness.addresses.sftp);
    const path = `/INBOX/20210723/${data.name}`;
    const args = ['-c', PARAMIKO, hostname, port, harness.rap.user, key, hosts, path, to];
    const child = spawn(String(python), args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const ended = once(child, 'close');
    await once(child.stdout, 'data');
    const switched = drain(harness);
    child.stdin.end('go on\n');
    await switched;
    expect(await ended).toEqual([0, null]);
    await expectWhole(harness, await readFile(to), csv);
  });
});

/** Gets a file, and waits for a line of input after its first piece. */
const PARAMIKO = `
import sys, paramiko
host, port, user, key, hosts, path, to = sys.argv[1:]
client = paramiko.SSHClient()
client.load_host_keys(hosts)
client.connect(host, int(port), user, key_filename=key, look_for_keys=False, allow_agent=False)
sftp = client.open_sftp()
waited = []
def seen(count, size):
    if not waited:
        waited.append(print('under way', flush=True))
        sys.stdin.readline()
sftp.get(path, to, callback=seen)
`;

test('a client that does not close its file is cut after finishMs, and the journal says what it took', async () => {
  await using harness = await rapNight({ limits: { finishMs: 200 } });
  const [data] = await publish(harness, noise(MIB));
  const { client, sftp } = await session(harness);
  client.on('error', () => undefined);
  const gone = new Promise<void>((resolve) => client.once('close', () => resolve()));
  const handle = await new Promise<Buffer>((resolve, reject) =>
    sftp.open(`/INBOX/20210723/${data.name}`, 'r', (error, name) => (error ? reject(error) : resolve(name))),
  );
  const piece = Buffer.alloc(1000);
  await new Promise((resolve) => sftp.read(handle, piece, 0, 1000, 0, resolve));
  await drain(harness);
  await gone;
  const [download] = await journalled(harness, 'download');
  expect(download?.detail).toMatchObject({
    whole: false,
    bytes: 1000,
    ended: 'cut',
    ranges: [{ first: 0, last: 999 }],
  });
});

test('reads that are under way when the client closes their file are answered before, and counted', async () => {
  await using harness = await rapNight();
  const [data] = await publish(harness, noise(MIB));
  const { client, sftp } = await session(harness);
  const handle = await new Promise<Buffer>((resolve, reject) =>
    sftp.open(`/INBOX/20210723/${data.name}`, 'r', (error, name) => (error ? reject(error) : resolve(name))),
  );
  const order: string[] = [];
  const read = (at: number) =>
    new Promise<void>((resolve, reject) => {
      sftp.read(handle, Buffer.alloc(16_384), 0, 16_384, at, (error) => {
        order.push('read');
        if (error) reject(error);
        else resolve();
      });
    });
  const reads = [0, 16_384, 32_768].map(read);
  const closed = new Promise<void>((resolve) => {
    sftp.close(handle, () => {
      order.push('closed');
      resolve();
    });
  });
  await Promise.all([...reads, closed]);
  expect(order).toEqual(['read', 'read', 'read', 'closed']);
  const [download] = await journalled(harness, 'download');
  expect(download?.detail).toMatchObject({ bytes: 49_152, ended: 'closed-by-client' });
  client.end();
});
