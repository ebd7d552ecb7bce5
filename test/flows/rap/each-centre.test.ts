import { createWriteStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import type { Client } from 'ssh2';
import SftpClient from 'ssh2-sftp-client';
import { describe, expect, test } from 'vitest';
import type { Harness } from '../../../src/harness/options.ts';
import { folder, good, hasSftp, journalled, openSftp, publish, rapNight } from '../../support/rap-day.ts';
import { large } from '../../support/zips.ts';

async function sftpClient(harness: Harness, at = harness.addresses.sftp): Promise<SftpClient> {
  const client = new SftpClient();
  client.on('error', () => undefined); // what was under way rejects
  const { hostname, port } = new URL(at);
  const { user, privateKey } = harness.rap;
  await client.connect({ host: hostname, port: Number(port), username: user, privateKey });
  // A request goes out in pieces, and each would wait 40 ms for an acknowledgement.
  (client as unknown as { client: Client }).client.setNoDelay(true);
  return client;
}

describe('by the line and at the active centre itself, whichever that is', () => {
  test('ssh2-sftp-client finds the same files and bytes', async () => {
    await using harness = await rapNight();
    const { addresses } = harness;
    const [data, control] = await publish(harness, large(0.25));
    const path = `/INBOX/20210723/${data.name}`;
    const bytes: Buffer[] = [];
    const listed: string[][] = [];
    const fetchBy = async (at: string) => {
      const client = await sftpClient(harness, at);
      listed.push((await client.list('/INBOX/20210723')).map(({ name }) => name).sort());
      bytes.push((await client.get(path)) as Buffer);
      await client.end();
    };
    for (const at of [addresses.sftp, addresses.sftpPrimary]) await fetchBy(at);
    good(await harness.control.failover({ to: 'backup' }));
    for (const at of [addresses.sftp, addresses.sftpBackup]) await fetchBy(at);
    const [first, ...others] = bytes;
    expect([first?.length, others.map((one) => first && one.equals(first))]).toEqual([
      data.sizeBytes,
      [true, true, true],
    ]);
    expect(listed[0]).toEqual(expect.arrayContaining([control.name, data.name]));
    expect(listed.slice(1)).toEqual([listed[0], listed[0], listed[0]]);
    const downloads = await journalled(harness, 'download');
    expect(downloads.map(({ centre, detail }) => [centre, detail.whole])).toEqual(
      ['primary', 'primary', 'backup', 'backup'].map((centre) => [centre, true]),
    );
    await expect(sftpClient(harness, addresses.sftpPrimary)).rejects.toThrow();
  });

  test.skipIf(!hasSftp)('OpenSSH sftp does too, with one known_hosts', async () => {
    await using harness = await rapNight();
    await using dir = await folder();
    const { addresses } = harness;
    const [data] = await publish(harness, large(0.25));
    const got: Buffer[] = [];
    const fetchBy = async (at: string) => {
      const run = await openSftp(harness, dir.path, `get /INBOX/20210723/${data.name} got.zip\n`, { at });
      expect(run.code, run.err).toBe(0);
      got.push(await readFile(join(dir.path, 'got.zip')));
    };
    for (const at of [addresses.sftp, addresses.sftpPrimary]) await fetchBy(at);
    good(await harness.control.failover({ to: 'backup' }));
    for (const at of [addresses.sftp, addresses.sftpBackup]) await fetchBy(at);
    expect(got.map((one) => got[0] && one.equals(got[0]))).toEqual([true, true, true, true]);
    expect((await openSftp(harness, dir.path, 'ls\n', { at: addresses.sftpPrimary })).code).not.toBe(0);
    const logons = await journalled(harness, 'logon');
    expect(logons.map(({ centre }) => centre)).toEqual(['primary', 'primary', 'backup', 'backup']);
  });
});

test('ssh2-sftp-client goes on at the other centre where a cut took it away in the middle of a file', async () => {
  await using harness = await rapNight();
  await using dir = await folder();
  const [data] = await publish(harness, large(2));
  const path = `/INBOX/20210723/${data.name}`;
  const whole = join(dir.path, 'whole.zip');
  const part = join(dir.path, 'part.zip');

  const first = await sftpClient(harness);
  const file = createWriteStream(part);
  let failover: Promise<unknown> | undefined;
  // The centre is cut off under the first piece, which is kept.
  const keeping = new Writable({
    write(piece, _encoding, done) {
      failover ??= harness.control.failover({ to: 'backup', mode: 'cut' });
      failover.then(() => file.write(piece, done), done);
    },
    final: (done) => void file.end(done),
  });
  await expect(first.get(path, keeping)).rejects.toThrow();
  await failover;
  await new Promise((resolve) => file.end(resolve));
  const { size } = await stat(part);
  expect([size > 0, size < data.sizeBytes]).toEqual([true, true]);

  const second = await sftpClient(harness);
  await second.get(path, createWriteStream(part, { flags: 'a' }), {
    readStreamOptions: { start: size } as object,
  });
  await second.fastGet(path, whole);
  await second.end();
  expect((await readFile(part)).equals(await readFile(whole))).toBe(true);
  const downloads = await journalled(harness, 'download');
  expect(downloads.map(({ centre, detail }) => [centre, detail.whole])).toEqual([
    ['primary', false],
    ['backup', false],
    ['backup', true],
  ]);
});
