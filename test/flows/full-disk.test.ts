import { spawnSync } from 'node:child_process';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { batchFile } from '../support/batch-files.ts';
import { clientOf } from '../support/client.ts';
import { answered, batchesDone, noted } from '../support/rehearsal.ts';
import { temporary, upAfter } from '../support/up.ts';

/** Runs what follows in a mount namespace of its own, with a small disk at a folder. */
const smallDisk = (folder: string) => [
  ...['unshare', '-Urm', 'sh', '-c'],
  `mount -t tmpfs -o size=32m none "$0" && exec "$@"`,
  folder,
];
// Skipped only where no disk can be made full: another system than Linux, or one that forbids user namespaces.
const canMount = spawnSync('unshare', ['-Urm', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;

test.skipIf(!canMount)(
  'a disk that is full stops nothing but writes, each of them refused with STORAGE_FULL',
  { timeout: 120_000 },
  async () => {
    await using data = await temporary('ccass-full-');
    await using harness = await upAfter(
      smallDisk(data.path),
      '--data',
      data.path,
      '--clock',
      'frozen',
      '--at',
      '2021-07-26T10:00',
      '--seed',
      '7',
    );
    const { control, info } = harness;
    using client = clientOf({ url: info.addresses.line, ca: info.ca });
    await client.logon();
    const filler = join('/proc', String(harness.pid), 'root', data.path, 'filler');
    fill(filler);

    const input = {
      ...{ reference: 'A-1', side: 'deliver', stock: '5', quantity: 400, counterparty: 'B09902', account: '01' },
      ...{ payment: 'FOP', settlementDate: '2021-07-27' },
    };
    const writes = {
      input: () => client.ask('/ccass/v1/settlement-instructions', { method: 'POST', body: { rows: [input] } }),
      upload: () =>
        client.upload(batchFile(400, { participant: 'B09901', businessDate: '2021-07-26', sequence: '0001' })),
    };
    for (const [name, write] of Object.entries(writes)) {
      const answer = await write();
      expect([name, answer.status, answer.json()]).toMatchObject([name, 507, { code: 'STORAGE_FULL' }]);
    }
    const text = { en: 'Text', zh: '內容' };
    const report = { id: 'CIPSI02', participant: 'B09901', businessDate: '2021-07-23', format: 'data' as const };
    const controls = {
      drain: () => control.failover({ to: 'backup' }),
      cut: () => control.failover({ to: 'backup', mode: 'cut' }),
      broadcast: () => control.broadcast({ subject: text, text }),
      publish: () => control.publishReport({ ...report, content: Buffer.alloc(100_000, 'x').toString('base64') }),
    };
    for (const [name, act] of Object.entries(controls)) {
      expect([name, await act()]).toMatchObject([name, { refusal: 'STORAGE_FULL' }]);
    }

    // All else goes on.
    using other = clientOf({ url: info.addresses.line, ca: info.ca });
    await other.logon({ participant: 'B09902' });
    expect((await client.ask('/ccass/v1/stock-balances')).status).toBe(200);
    expect((await client.ask('/ccass/v1/reports')).status).toBe(200);
    expect(answered(await control.clock({ advanceMs: 60_000 })).hongKong).toBe('2021-07-26 10:01:00 HKT');
    expect(answered(await control.lag({ lagMs: 0 })).lagMs).toBe(0);
    expect(answered(await control.state({})).active).toBe('primary');
    expect(answered(await control.books({})).equal).toBe(true);
    const [error] = await noted(control, { kinds: ['error'] });
    expect(error?.detail.what).toBe('the record of the harness');

    rmSync(filler);
    for (const [name, write] of Object.entries(writes))
      expect([name, (await write()).status]).toEqual([name, name === 'upload' ? 202 : 200]);
    expect(answered(await control.failover({ to: 'backup' })).to).toBe('backup');
    expect(answered(await control.books({})).equal).toBe(true);
  },
);

test.skipIf(!canMount)(
  'a reset or restore that finds no space is refused (STORAGE_FULL), and the harness goes on where it stood',
  { timeout: 120_000 },
  async () => {
    await using data = await temporary('ccass-full-');
    const start = ['--clock', 'frozen', '--at', '2021-07-26T10:00', '--seed', '7'];
    await using harness = await upAfter(smallDisk(data.path), '--data', data.path, ...start);
    const { control, info } = harness;
    const logOn = async () => {
      const client = clientOf({ url: info.addresses.line, ca: info.ca });
      await client.logon({ takeOver: true });
      return client;
    };
    {
      using client = await logOn();
      answered(await control.snapshot({ name: 'before' }));
      await client.upload(batchFile(400, { participant: 'B09901', businessDate: '2021-07-26', sequence: '0001' }));
      await batchesDone(control);
    }
    answered(await control.clock({ advanceMs: 60_000 }));
    const filler = join('/proc', String(harness.pid), 'root', data.path, 'filler');
    fill(filler);
    const { market, active } = answered(await control.state({}));
    for (const act of [() => control.reset({}), () => control.restore({ name: 'before' })]) {
      expect(await act()).toMatchObject({ refusal: 'STORAGE_FULL' });
      expect(answered(await control.state({}))).toMatchObject({ market, active });
      expect(answered(await control.books({})).equal).toBe(true);
      using client = await logOn();
      expect(await client.instructions()).toHaveLength(400);
    }
    rmSync(filler);
    answered(await control.restore({ name: 'before' }));
    using client = await logOn();
    expect(await client.instructions()).toEqual([]);
    answered(await control.reset({}));
    expect(answered(await control.books({})).equal).toBe(true);
  },
);

/** Writes until nothing fits any more, not even a byte. */
function fill(path: string): void {
  const fd = openSync(path, 'w');
  for (let size = 1024 * 1024; size >= 1; size = size / 2) {
    try {
      for (;;) writeSync(fd, Buffer.alloc(Math.floor(size)));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }
  closeSync(fd);
}
