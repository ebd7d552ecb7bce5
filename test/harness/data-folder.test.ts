import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openPersistence } from '../../src/harness/persistence.ts';

let data: string;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'data-folder-'));
});
afterEach(() => rmSync(data, { recursive: true }));

const open = () => openPersistence(data, 'ccass-harness test');

describe('one harness per data folder', () => {
  it('refuses a second one, also in the same process, and names the next step', () => {
    const first = open();
    expect(open).toThrow(/process \d+ uses this data folder\. Stop it, or start with another --data folder/);
    first.close();
    open().close();
  });

  it.skipIf(process.platform === 'win32')('keeps books and journal from other users of the machine', async () => {
    const persistence = open();
    const log = persistence.openLog('primary');
    for (const part of ['primary', 'backup', 'journal']) expect(statSync(join(data, part)).mode & 0o077).toBe(0);
    await log.close();
    persistence.close();
  });

  it('takes over from a dead process', () => {
    mkdirSync(data, { recursive: true });
    // 2^22 is the highest number that Linux gives; others give less.
    writeFileSync(join(data, 'lock'), '4194305 77');
    open().close();
  });

  it.runIf(process.platform === 'linux')(
    'takes over from an earlier process with the same PID, as in a container',
    () => {
      const first = open();
      const [pid, started] = readFileSync(join(data, 'lock'), 'utf8').split(' ');
      expect(Number(pid)).toBe(process.pid);
      expect(Number(started)).toBeGreaterThan(0);
      first.close();
      writeFileSync(join(data, 'lock'), `${pid} ${Number(started) - 1}`);
      open().close();
    },
  );

  it.runIf(process.platform === 'linux')('takes over from a killed process that is not reaped yet', async () => {
    // The inner shell prints its stat line, ends, and stays a zombie, since `cat` does not reap it.
    const parent = spawn('sh', ['-c', 'sh -c \'read -r stat </proc/$$/stat; echo "$stat"\' & exec cat']);
    try {
      const [line] = (await once(parent.stdout, 'data')) as [Buffer];
      const [pid, , , ...rest] = String(line).split(' ');
      while (!/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))) await new Promise(setImmediate);
      writeFileSync(join(data, 'lock'), `${pid} ${rest[18]}`);
      open().close();
    } finally {
      parent.kill();
    }
  });
});
