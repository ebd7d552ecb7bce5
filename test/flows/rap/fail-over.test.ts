import { once } from 'node:events';
import { readFile, stat, watch } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import type { Client, SFTPWrapper } from 'ssh2';
import SftpClient from 'ssh2-sftp-client';
import { describe, expect, test } from 'vitest';
import type { Harness } from '../../../src/harness/options.ts';
import { folder, good, hasSftp, journalled, openSftp, publish, rapNight } from '../../support/rap-day.ts';
import { tryRap } from '../../support/ssh-client.ts';
import { entriesOf, large } from '../../support/zips.ts';

/** Resolves when something of a file is on the disk. */
async function arrives(path: string): Promise<void> {
  const stop = new AbortController();
  const changes = watch(dirname(path), { signal: stop.signal });
  const size = () =>
    stat(path).then(
      ({ size }) => size,
      () => 0,
    );
  // Looked at once more after the watch began, so that no change is missed.
  const first = changes[Symbol.asyncIterator]().next();
  if ((await size()) === 0) {
    await first;
    for await (const _ of changes) if ((await size()) > 0) break;
  }
  first.catch(() => undefined);
  stop.abort();
}

async function sftpOf(
  harness: Harness,
  at?: string,
): Promise<{ sftp: SFTPWrapper; end(): Promise<void>; gone: Promise<unknown> }> {
  const { client } = await tryRap(harness, { stay: true, ...(at ? { at } : {}) });
  if (!client) throw new Error('not logged on');
  client.on('error', () => undefined);
  const gone = new Promise<void>((resolve) => client.once('close', () => resolve()));
  const sftp = await new Promise<SFTPWrapper>((resolve, reject) =>
    client.sftp((error, wrapper) => (error ? reject(error) : resolve(wrapper))),
  );
  return {
    sftp,
    gone,
    async end() {
      client.end();
      await gone;
    },
  };
}

const opened = (sftp: SFTPWrapper, path: string) =>
  new Promise<Buffer>((resolve, reject) =>
    sftp.open(path, 'r', (error, handle) => (error ? reject(error) : resolve(handle))),
  );
const read = (sftp: SFTPWrapper, handle: Buffer, at: number, length: number) =>
  new Promise<Buffer>((resolve, reject) => {
    const buffer = Buffer.alloc(length);
    sftp.read(handle, buffer, 0, length, at, (error, count) =>
      error ? reject(error) : resolve(buffer.subarray(0, count)),
    );
  });

describe('a transfer over a fail-over', () => {
  test.skipIf(!hasSftp)('is cut in the middle and ends byte-identical with reget at the other centre', async () => {
    await using harness = await rapNight();
    await using dir = await folder();
    const csv = large(6);
    const [data] = await publish(harness, csv);
    const path = `/INBOX/20210723/${data.name}`;

    // Slow enough to be under way for seconds.
    const args = ['-l', '40000', '-B', '32768', '-R', '2'];
    const under = openSftp(harness, dir.path, `get ${path} got.zip\n`, { args });
    const stop = new AbortController();
    for await (const entry of harness.control.follow({ kinds: ['open'] }, stop.signal)) {
      expect(entry).toMatchObject({ kind: 'open', detail: { path } });
      stop.abort();
    }
    await arrives(join(dir.path, 'got.zip'));
    good(await harness.control.failover({ to: 'backup', mode: 'cut' }));
    expect((await under).code).not.toBe(0);
    const cut = (await stat(join(dir.path, 'got.zip'))).size;
    expect([cut > 0, cut < data.sizeBytes]).toEqual([true, true]);

    const again = await openSftp(harness, dir.path, `reget ${path} got.zip\n`);
    expect(again.code, again.err).toBe(0);
    const [entry] = await entriesOf(await readFile(join(dir.path, 'got.zip')));
    expect(entry?.content.equals(csv)).toBe(true);
    const downloads = await journalled(harness, 'download');
    expect(downloads.map(({ centre, detail }) => [centre, detail.whole])).toEqual([
      ['primary', false],
      ['backup', false],
    ]);
    const ends = (await journalled(harness, 'closed')).filter(({ detail }) => detail.how === 'cut');
    expect(ends).toHaveLength(1);
  });

  test('drain waits for a file that is being read, refuses the next, and lets the client go', async () => {
    await using harness = await rapNight();
    const csv = large(1);
    const [data, control] = await publish(harness, csv);
    const { sftp, gone } = await sftpOf(harness);
    const handle = await opened(sftp, `/INBOX/20210723/${data.name}`);
    const first = await read(sftp, handle, 0, 32_768);
    const switched = harness.control.failover({ to: 'backup', mode: 'drain' });
    await expect(opened(sftp, `/INBOX/20210723/${control.name}`)).rejects.toThrow(/not the active one/);
    const pieces = [first];
    for (let at = first.length; at < data.sizeBytes; at += 32_768) pieces.push(await read(sftp, handle, at, 32_768));
    good(await switched);
    await gone;
    const [entry] = await entriesOf(Buffer.concat(pieces));
    expect(entry?.content.equals(csv)).toBe(true);
    const [download] = await journalled(harness, 'download');
    expect(download).toMatchObject({ centre: 'primary', detail: { whole: true } });
    // The session was the primary's: log on again at the same address.
    const after = await tryRap(harness);
    expect(after.in).toBe(true);
    const logons = await journalled(harness, 'logon');
    expect(logons.map(({ centre }) => centre)).toEqual(['primary', 'backup']);
  });

  test('cut resets idle connections too, and whoever knocks at the old centre is told', async () => {
    await using harness = await rapNight();
    const { gone } = await sftpOf(harness);
    const silent = connect(Number(new URL(harness.addresses.sftpPrimary).port), '127.0.0.1').on(
      'error',
      () => undefined,
    );
    await once(silent, 'data');
    const reset = new Promise((resolve) => silent.once('close', resolve));
    good(await harness.control.failover({ to: 'backup', mode: 'cut' }));
    await Promise.all([gone, reset]);
    expect((await tryRap(harness, { at: harness.addresses.sftpPrimary })).in).toBe(false);
    expect((await tryRap(harness, { at: harness.addresses.sftpBackup })).in).toBe(true);
  });
});

test('with distinct host keys a client that checks them refuses the backup by the line', async () => {
  await using harness = await rapNight({ hostKeys: 'distinct' });
  const prints = await harness.rap.fingerprints();
  expect(prints.backup).not.toEqual(prints.primary);
  if (!hasSftp) return;
  await using dir = await folder();
  expect((await openSftp(harness, dir.path, 'ls\n')).code).toBe(0);
  good(await harness.control.failover({ to: 'backup' }));
  const run = await openSftp(harness, dir.path, 'ls\n');
  expect(run.code).not.toBe(0);
  expect(run.err).toMatch(/HOST IDENTIFICATION HAS CHANGED/);
  expect((await openSftp(harness, dir.path, 'ls\n', { at: harness.addresses.sftpBackup })).code).toBe(0);
});

test('a file that is replaced while it is read goes on serving its old bytes', async () => {
  await using harness = await rapNight();
  const [old] = await publish(harness, 'A,B\r\n1,old\r\n');
  const { sftp, end } = await sftpOf(harness);
  const path = `/INBOX/20210723/${old.name}`;
  const handle = await opened(sftp, path);
  await publish(harness, 'A,B\r\n1,new and longer\r\n');
  const [entry] = await entriesOf(await read(sftp, handle, 0, 10_000));
  expect(entry?.content.toString()).toContain('old');
  const next = await opened(sftp, path);
  const [fresh] = await entriesOf(await read(sftp, next, 0, 10_000));
  expect(fresh?.content.toString()).toContain('new and longer');
  await end();
});

test('ssh2-sftp-client: list, stat, exists, fastGet, streams, and no writing', async () => {
  await using harness = await rapNight();
  await using dir = await folder();
  const csv = large(2);
  const [data] = await publish(harness, csv);
  const client = new SftpClient();
  const { hostname, port } = new URL(harness.addresses.sftp);
  await client.connect({
    host: hostname,
    port: Number(port),
    username: harness.rap.user,
    privateKey: harness.rap.privateKey,
    hostHash: 'sha256',
    hostVerifier: (hash: string) => hash.length === 64,
  });
  // A request goes out in pieces, and each would wait 40 ms for an acknowledgement.
  (client as unknown as { client: Client }).client.setNoDelay(true);
  try {
    const path = `/INBOX/20210723/${data.name}`;
    const names = (await client.list('/INBOX/20210723')).map(({ name }) => name);
    expect(names).toContain(data.name);
    expect(await client.stat(path)).toMatchObject({ size: data.sizeBytes, isFile: true, modifyTime: data.publishedAt });
    expect([await client.exists(path), await client.exists('/INBOX'), await client.exists('/INBOX/20210724')]).toEqual([
      '-',
      'd',
      false,
    ]);
    const got = join(dir.path, 'got.zip');
    await client.fastGet(path, got);
    const whole = await readFile(got);
    expect(((await client.get(path)) as Buffer).equals(whole)).toBe(true);
    const [entry] = await entriesOf(whole);
    expect(entry?.content.equals(csv)).toBe(true);
    await expect(client.put(Buffer.from('x'), '/INBOX/mine')).rejects.toThrow(/downloads only/);
    await expect(client.delete(path)).rejects.toThrow(/downloads only/);
    await expect(client.mkdir('/INBOX/20210725')).rejects.toThrow();
    expect(await client.exists('/INBOX/20210725')).toBe(false);
  } finally {
    await client.end();
  }
});
