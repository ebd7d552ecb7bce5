import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Harness } from '../../../src/harness/options.ts';
import { folder, good, publish, rapNight, sshFiles } from '../../support/rap-day.ts';
import { MIB, noise } from '../../support/rap-reading.ts';
import { entriesOf } from '../../support/zips.ts';

/** `-s`, the default since OpenSSH 9.0: scp over SFTP, which ends as its channel's exit status says. */
const hasScp = spawnSync('scp', ['-s'], { encoding: 'utf8' }).stderr?.includes('usage: scp') ?? false;

async function scp(harness: Harness, dir: string, from: string, ...args: string[]) {
  const { key, hosts } = await sshFiles(harness, dir);
  const { hostname, port } = new URL(harness.addresses.sftp);
  const options = ['IdentitiesOnly=yes', `UserKnownHostsFile=${hosts}`, 'StrictHostKeyChecking=yes', 'BatchMode=yes'];
  const ours = ['-s', '-F', '/dev/null', ...options.flatMap((option) => ['-o', option]), '-i', key, '-P', port];
  const child = spawn('scp', [...ours, ...args, `B09901@${hostname}:${from}`, 'got'], { cwd: dir, stdio: 'ignore' });
  const [code] = await once(child, 'close');
  return code;
}

describe.skipIf(!hasScp)('OpenSSH scp', () => {
  test('ends with 0 when a file is whole, and when a folder is', { timeout: 30_000 }, async () => {
    await using harness = await rapNight();
    await using dir = await folder();
    const [data] = await publish(harness, 'A,B\r\n1,2\r\n');
    expect(await scp(harness, dir.path, `/INBOX/20210723/${data.name}`)).toBe(0);
    const [entry] = await entriesOf(await readFile(join(dir.path, 'got')));
    expect(entry?.content.toString()).toBe('A,B\r\n1,2\r\n');
    await using other = await folder();
    expect(await scp(harness, other.path, '/INBOX/20210723', '-r')).toBe(0);
    expect(await readFile(join(other.path, 'got', data.name))).toEqual(await readFile(join(dir.path, 'got')));
  });

  test('ends with 0 when a drain waited for its file', { timeout: 60_000 }, async () => {
    await using harness = await rapNight({ limits: { finishMs: 30_000 } });
    await using dir = await folder();
    const csv = noise(5 * MIB);
    const [data] = await publish(harness, csv);
    const under = scp(harness, dir.path, `/INBOX/20210723/${data.name}`, '-l', '40000');
    const stop = new AbortController();
    for await (const _ of harness.control.follow({ after: 0, kinds: ['open'] }, stop.signal)) stop.abort();
    good(await harness.control.failover({ to: 'backup', mode: 'drain' }));
    expect(await under).toBe(0);
    const [entry] = await entriesOf(await readFile(join(dir.path, 'got')));
    expect(entry?.content.equals(csv)).toBe(true);
  });

  test('does not end with 0 for a file that is not there', async () => {
    await using harness = await rapNight();
    await using dir = await folder();
    expect(await scp(harness, dir.path, '/INBOX/20210723/none.zip')).not.toBe(0);
  });
});
