import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { shareKnownHosts } from '../../src/harness/known-hosts.ts';
import { folder } from '../support/rap-day.ts';

/** The lines of a harness at a port, as `knownHosts` makes them. */
const linesAt = (port: number, key = 'AAAA') =>
  ['ecdsa-sha2-nistp256', 'ssh-rsa'].map((kind) => `[127.0.0.1]:${port},[localhost]:${port} ${kind} ${key}\n`).join('');

test("harnesses that share a folder keep each other's lines, also when they start at once", async () => {
  await using dir = await folder();
  const path = join(dir.path, 'known_hosts');
  const ports = [7022, 17_022, 40_001, 40_002, 40_003];
  await Promise.all(ports.map((port) => shareKnownHosts(path, linesAt(port))));
  await Promise.all(ports.map((port) => shareKnownHosts(path, linesAt(port))));
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
  expect(lines.toSorted()).toEqual(ports.flatMap((port) => linesAt(port).trimEnd().split('\n')).toSorted());
  expect(await readdir(dir.path)).toEqual(['known_hosts']);
});

test('new keys of an address replace the old ones; lines of others stay', async () => {
  await using dir = await folder();
  const path = join(dir.path, 'known_hosts');
  await writeFile(path, '# mine\nexample.org ssh-ed25519 CCCC'); // no end of line
  await shareKnownHosts(path, linesAt(7022, 'OLD'));
  await shareKnownHosts(path, linesAt(17_022));
  await shareKnownHosts(path, linesAt(7022, 'NEW'));
  expect(await readFile(path, 'utf8')).toBe(
    `# mine\nexample.org ssh-ed25519 CCCC\n${linesAt(17_022)}${linesAt(7022, 'NEW')}`,
  );
});

test('lines for ephemeral ports do not pile up: those of the newest hundred harnesses stay', async () => {
  await using dir = await folder();
  const path = join(dir.path, 'known_hosts');
  const ephemeral = Array.from({ length: 400 }, (_, n) => linesAt(40_000 + n));
  await writeFile(path, linesAt(7022) + ephemeral.join(''));
  await shareKnownHosts(path, linesAt(50_000));
  expect(await readFile(path, 'utf8')).toBe(linesAt(7022) + ephemeral.slice(100).join('') + linesAt(50_000));
});
