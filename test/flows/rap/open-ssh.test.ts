import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  folder,
  good,
  hasSftp,
  journalled,
  keyPair,
  NIGHT,
  openSftp,
  publish,
  rapNight,
} from '../../support/rap-day.ts';
import { entriesOf } from '../../support/zips.ts';

describe.skipIf(!hasSftp)('OpenSSH sftp', () => {
  test('by the line and at the centre: ls -l with sizes and times, and get of a whole package', async () => {
    await using harness = await rapNight();
    await using dir = await folder();
    const [data, control] = await publish(harness, 'A,B\r\n1,2\r\n');
    await publish(harness, 'A\r\n', { id: 'ZTEST02', participant: 'COMMON' });
    await publish(harness, 'A\r\n', { participant: 'B09902' });
    for (const at of [harness.addresses.sftp, harness.addresses.sftpPrimary]) {
      const run = await openSftp(
        harness,
        dir.path,
        'pwd\nls -l /\nls -l INBOX\ncd INBOX/20210723\nls -ln\nget -p ZTEST01*.zip\n',
        { at },
      );
      expect(run.err).toContain('SIMULATED');
      expect(run.code, run.err).toBe(0);
      expect(run.out).toContain('Remote working directory: /');
      expect(run.out).toMatch(/dr-xr-xr-x .* COMMON\n.* INBOX\n.* RPF/);
      expect(run.out).toMatch(/dr-xr-xr-x .* Jul 23 22:00 .*20210723/);
      expect(run.out).toMatch(new RegExp(`-r--r--r-- .* ${data.sizeBytes} .* ${data.name}`));
      expect(run.out).not.toContain('B09902');
      for (const file of [data, control]) {
        const path = join(dir.path, file.name);
        expect((await stat(path)).mtimeMs).toBe(NIGHT);
        const [entry] = await entriesOf(await readFile(path));
        expect(entry?.modified).toBe(NIGHT);
      }
      const [csv] = await entriesOf(await readFile(join(dir.path, data.name)));
      expect(csv?.content.toString()).toBe('A,B\r\n1,2\r\n');
    }
    const opened = await journalled(harness, 'open', 'download');
    const facts = opened.map(({ kind, detail }) => [
      kind,
      detail.path?.split('/').at(-1),
      'whole' in detail ? detail.whole : undefined,
    ]);
    expect(facts).toEqual(
      [1, 2].flatMap(() =>
        // Names come in their order, so the control file before the data file; it is published after it.
        [control, data].flatMap(({ name }) => [
          ['open', name, undefined],
          ['download', name, true],
        ]),
      ),
    );
    const [logon] = await journalled(harness, 'logon');
    expect(logon).toMatchObject({ participant: 'B09901', service: 'rap', detail: { credential: 'key' } });
    expect(logon?.detail.userAgent).toMatch(/^OpenSSH_/);
    expect(logon?.detail.fingerprint).toBe(
      good(await harness.control.rapKeys({ participant: 'B09901' })).keys[0]?.fingerprint,
    );
  });

  test('every change is refused with Permission denied and leaves nothing (NOT_ENTITLED)', async () => {
    await using harness = await rapNight();
    await using dir = await folder();
    const [data] = await publish(harness, 'A\r\n');
    const path = `INBOX/20210723/${data.name}`;
    const before = good(await harness.control.rapFiles({}));
    const tries = [
      `put known_hosts INBOX/20210723/mine.zip`,
      `put known_hosts ${path}`,
      `rename ${path} INBOX/20210723/other.zip`,
      `rm ${path}`,
      'mkdir INBOX/20210724',
      'rmdir INBOX/20210723',
      `chmod 600 ${path}`,
      `symlink ${path} INBOX/link`,
    ];
    const run = await openSftp(harness, dir.path, tries.map((line) => `-${line}`).join('\n'));
    expect(run.err.match(/Permission denied/g)).toHaveLength(tries.length);
    expect(good(await harness.control.rapFiles({}))).toEqual(before);
    const refusals = await journalled(harness, 'refusal');
    expect(refusals.every(({ detail }) => detail.operation === 'unsupported')).toBe(true);
    expect(refusals.map(({ detail }) => detail.what)).toEqual([
      'OPEN to write',
      'OPEN to write',
      'RENAME',
      'REMOVE',
      'MKDIR',
      'RMDIR',
      'SETSTAT',
      'SYMLINK',
    ]);
    expect(refusals.every(({ detail }) => detail.code === 'NOT_ENTITLED')).toBe(true);
  });

  test('takes keys of ssh-keygen of every kind once they are registered, RSA by SHA-2 only', async () => {
    await using harness = await rapNight();
    await using dir = await folder();
    const kinds = [
      ['-t', 'ed25519'],
      ['-t', 'ecdsa', '-b', '256'],
      ['-t', 'ecdsa', '-b', '384'],
      ['-t', 'ecdsa', '-b', '521'],
      ['-t', 'rsa', '-b', '2048'],
    ];
    for (const type of kinds) {
      const key = keyPair(dir.path, type.join(''), ...type);
      const run = (args: string[] = []) => openSftp(harness, dir.path, 'ls\n', { key: key.path, args });
      expect((await run()).code, `${type} before`).not.toBe(0);
      good(await harness.control.addRapKey({ participant: 'B09901', publicKey: key.publicKey }));
      const after = await run();
      expect(after.code, `${type} ${after.err}`).toBe(0);
      expect(after.out).toContain('INBOX');
      if (!type.includes('rsa')) continue;
      expect((await run(['-o', 'PubkeyAcceptedAlgorithms=rsa-sha2-256'])).code).toBe(0);
      expect((await run(['-o', 'PubkeyAcceptedAlgorithms=ssh-rsa'])).code).not.toBe(0);
    }
  });

  test('parallel reads of any size bring the same bytes', async () => {
    await using harness = await rapNight();
    await using dir = await folder();
    const csv = Buffer.from(
      Array.from({ length: 400_000 }, (_, n) => `${(n * 2_654_435_761) % 4_294_967_296}\r\n`).join(''),
    );
    const [data] = await publish(harness, csv);
    expect(data.sizeBytes).toBeGreaterThan(1_500_000);
    for (const args of [
      ['-R', '256', '-B', '32768'],
      ['-R', '1', '-B', '1000'],
      ['-R', '64', '-B', '261120'],
      ['-o', 'RekeyLimit=500K'],
    ]) {
      const run = await openSftp(harness, dir.path, `get INBOX/20210723/${data.name} got.zip\n`, { args });
      expect(run.code, run.err).toBe(0);
      const [entry] = await entriesOf(await readFile(join(dir.path, 'got.zip')));
      expect(entry?.content.equals(csv)).toBe(true);
    }
    const downloads = await journalled(harness, 'download');
    expect(downloads.map(({ detail }) => [detail.whole, detail.bytes, detail.ranges.length])).toEqual(
      downloads.map(() => [true, data.sizeBytes, 1]),
    );
    expect(await readdir(dir.path)).toContain('got.zip');
  });
});
