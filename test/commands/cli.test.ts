import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

const CLI = join(import.meta.dirname, '..', '..', 'src', 'cli.ts');
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cli-test-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The real program, in a process of its own. */
function cli(...words: string[]): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve, reject) => {
    // Nothing of this environment, but for where to find what Node compiled.
    const env = { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE };
    const child = spawn(process.execPath, [CLI, ...words], { stdio: ['ignore', 'pipe', 'pipe'], env });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, out, err }));
  });
}

it('shows every command, and that it is a simulation', async () => {
  const { code, out, err } = await cli('--help');
  expect([code, err]).toEqual([0, '']);
  const commands = [
    'up',
    'ready',
    'exec',
    'state',
    'clock',
    'failover',
    'journal',
    'reports',
    'registration',
    'broadcast',
    'rehearsal',
    'rehearse',
    'margin',
    'imrpf',
  ];
  for (const command of commands) expect(out).toMatch(new RegExp(`^  ${command}\\b`, 'm'));
  expect(out).toContain('not affiliated with HKEX');
});

it('says its version', async () => {
  expect(await cli('--version')).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
});

it('ends with 4 where nobody answers', async () => {
  // A port that no server of another test can be given, as one that was just closed can.
  const url = 'http://127.0.0.1:2';
  const { code, out, err } = await cli('state', '--admin', url);
  expect([code, out]).toEqual([4, '']);
  expect(err).toContain(`no harness answers at ${url}`);
});

it('checks a rehearsal file without a harness', async () => {
  const built = join(import.meta.dirname, '..', '..', 'fixtures', 'rehearsals', '2021-07-24.json');
  expect(await cli('rehearsal', 'check', built)).toMatchObject({ code: 0, err: '' });
  const file = join(folder, 'mine.json');
  writeFileSync(file, '{"id": 5, "colour": "red"}');
  const { code, out } = await cli('rehearsal', 'check', file);
  expect(code).toBe(3);
  expect(out).toContain('colour');
  expect(out).toContain('id');
  const json = await cli('rehearsal', 'check', file, '--json');
  expect(JSON.parse(json.out).length).toBeGreaterThan(1);
});

it('lists the rehearsals without a harness', async () => {
  const { code, out } = await cli('rehearsal', 'list');
  expect(code).toBe(0);
  for (const id of ['2021-07-24', '2021-07-31', '2021-08-14', 'always-open']) expect(out).toContain(id);
});
