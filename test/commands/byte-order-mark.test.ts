import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Admin, startAdmin } from '../../src/admin/admin.ts';
import { FIXED, readConfig } from '../../src/commands/config.ts';
import { run } from '../../src/commands/program.ts';
import { BUILT_IN } from '../../src/loading/read.ts';
import { fakeCliContext } from '../support/fake-cli-context.ts';
import { fakeControl } from '../support/fake-control.ts';

let folder: string;
let admin: Admin;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bom-test-'));
  admin = await startAdmin({
    control: fakeControl(),
    host: '127.0.0.1',
    port: 0,
    token: 'a-token-of-a-test',
    version: '0',
  });
});
afterAll(async () => {
  await admin.close();
  rmSync(folder, { recursive: true });
});

const TRADE = { participant: 'B09901', side: 'buy', stock: '5', quantity: 400, price: '43.5' };
const REHEARSAL = readFileSync(join(BUILT_IN, 'rehearsals', '2021-07-24.json'), 'utf8');
const KEY = `ssh-ed25519 ${'A'.repeat(68)} mine`;

const FILES: readonly [name: string, content: string, command: (path: string) => string[]][] = [
  ['trades.json', JSON.stringify([TRADE]), (path) => ['trades', 'add', path]],
  [
    'trades.csv',
    `${Object.keys(TRADE).join()}\r\n${Object.values(TRADE).join()}\r\n`,
    (path) => ['trades', 'add', path],
  ],
  ['2021-07-24.json', REHEARSAL, (path) => ['rehearsal', 'check', path]],
  ['key.pub', KEY, (path) => ['rap', 'keys', 'add', '--participant', 'B09901', path]],
];

describe('a file that a user hands in', () => {
  async function outcome(bytes: Buffer, name: string, command: (path: string) => string[]) {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    const context = fakeCliContext({ environment: { CCASS_HARNESS_ADMIN: admin.url } });
    return { code: await run(command(path), context), said: [...context.out, ...context.errors].join('\n') };
  }

  it.each(FILES)('%s may begin with a byte order mark', async (name, content, command) => {
    expect(await outcome(Buffer.from(content), name, command)).toMatchObject({ code: 0 });
    expect(await outcome(Buffer.from(`\uFEFF${content}`), name, command)).toMatchObject({ code: 0 });
  });

  it.each(FILES)('%s in UTF-16 is refused with what to do', async (name, content, command) => {
    const { code, said } = await outcome(Buffer.from(`\uFEFF${content}`, 'utf16le'), name, command);
    expect(code).not.toBe(0);
    expect(said).toContain('the file is in UTF-16: save it as UTF-8');
  });

  it('a configuration file too', () => {
    const config = join(folder, 'harness.json');
    writeFileSync(config, '\uFEFF{"seed":7}');
    expect(readConfig({ config }, {}, FIXED).seed).toBe(7);
    writeFileSync(config, Buffer.from('\uFEFF{"seed":7}', 'utf16le'));
    expect(() => readConfig({ config }, {}, FIXED)).toThrow('the file is in UTF-16: save it as UTF-8');
  });
});

it('a JSON body too', async () => {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${admin.url}/v1/clock`, { method: 'POST', headers, body: '\uFEFF{"freeze":true}' });
  expect(response.status).toBe(200);
});
