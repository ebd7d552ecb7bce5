import { execFile, spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { folder, journalled, NIGHT, publish, rapNight, sshFiles } from '../../support/rap-day.ts';
import { entriesOf } from '../../support/zips.ts';

/** The Python that has it: the user's own, or else the system's, for which distributions package it. */
const python = ['python3', '/usr/bin/python3'].find(
  (program) => spawnSync(program, ['-c', 'import paramiko']).status === 0,
);

/** As a participant's Python would: the host key checked, a key file, list, stat, prefetching get, one put. */
const SCRIPT = `
import json, sys, paramiko
host, port, user, key, hosts, path, to = sys.argv[1:]
client = paramiko.SSHClient()
client.load_host_keys(hosts)
client.set_missing_host_key_policy(paramiko.RejectPolicy())
client.connect(host, int(port), user, key_filename=key, look_for_keys=False, allow_agent=False)
sftp = client.open_sftp()
folder = path.rsplit('/', 1)[0]
names = [entry.filename for entry in sftp.listdir_attr(folder)]
facts = sftp.stat(path)
sftp.get(path, to)
with sftp.open(path) as file:
    file.seek(100)
    middle = file.read(50).hex()
try:
    sftp.put(to, folder + '/mine.zip')
    refused = ''
except OSError as error:
    refused = str(error)
print(json.dumps({'names': names, 'size': facts.st_size, 'mtime': facts.st_mtime, 'middle': middle, 'refused': refused}))
client.close()
`;

test.skipIf(!python)('Paramiko (skipped only where there is none)', async () => {
  await using harness = await rapNight();
  await using dir = await folder();
  const csv = Buffer.from(
    Array.from({ length: 200_000 }, (_, n) => `${(n * 2_654_435_761) % 4_294_967_296}\r\n`).join(''),
  );
  const [data] = await publish(harness, csv);
  const { key, hosts } = await sshFiles(harness, dir.path);
  const to = join(dir.path, 'got.zip');
  const { hostname, port } = new URL(harness.addresses.sftp);
  const path = `/INBOX/20210723/${data.name}`;
  const args = ['-c', SCRIPT, hostname, port, harness.rap.user, key, hosts, path, to];
  const told = JSON.parse((await promisify(execFile)(String(python), args)).stdout) as Record<string, unknown>;
  const got = await readFile(to);
  expect(told).toMatchObject({
    size: data.sizeBytes,
    mtime: NIGHT / 1000,
    middle: got.subarray(100, 150).toString('hex'),
  });
  expect(told.names).toContain(data.name);
  expect(told.refused).not.toBe('');
  const [entry] = await entriesOf(got);
  expect(entry?.content.equals(csv)).toBe(true);
  const [logon] = await journalled(harness, 'logon');
  expect(logon?.detail.userAgent).toMatch(/^paramiko/);
});
