import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { withChildEnvironment } from '../../src/commands/child-environment.ts';
import type { Harness } from '../../src/harness/options.ts';
import { has, JAVA_OPTIONS, run } from '../support/foreign.ts';
import { answered, everyNoted, inSession1, onTheLine } from '../support/rehearsal.ts';
import { temporary } from '../support/up.ts';

/** Each client of examples/ plays a participant's day through a fail-over, as README says, with nothing but what `exec` sets. */
const EXAMPLES = join(import.meta.dirname, '../../examples');
const example = (name: string) => join(EXAMPLES, name);
/** Debian's has Paramiko, which a python3 of another origin may lack. */
const python = ['python3', '/usr/bin/python3'].find((one) => has(one, '-c', 'import paramiko')) ?? 'python3';

interface Client {
  readonly there: boolean;
  readonly command: readonly [string, ...string[]];
}
const CLIENTS: Readonly<Record<string, Client>> = {
  java: {
    there: has('java', '-version'),
    command: ['java', ...JAVA_OPTIONS, example('java/Day.java')],
  },
  python: { there: has(python, '-c', 'import paramiko'), command: [python, example('python/day.py')] },
  sh: { there: has('curl', '--version'), command: ['sh', example('sh/day.sh')] },
};

const day = (margin: string) => [
  'logged on to /ccass/v1 at backup',
  '228000 shares of 00005',
  'uploaded U00000000001',
  'processed: 1 accepted, 1 refused',
  'line 3: UNKNOWN_STOCK, came 99999, expected a code of the CCASS stock list. No such stock code. Look it up in the CCASS stock list and input the row again.',
  'downloaded ZSICR01 text',
  'downloaded ZSICR01 data',
  'fetched 20 RAP files',
  'logged on to /orp/v1 at backup',
  margin,
  'switched to primary',
  'session ended (switch)',
  'logged on to /ccass/v1 at primary',
  'uploaded U00000000001, which was there already',
  'session ended (switch)',
  'logged on to /orp/v1 at primary',
  margin,
];

/** What the client has to print of the margin, asked for by a client of ours once it has logged off. */
async function marginOf(harness: Harness): Promise<string> {
  using orp = onTheLine(harness);
  const body = { ...harness.orp };
  const { token } = (await orp.ask('/orp/v1/session', { method: 'POST', body })).json<{ token: string }>();
  const headers = { authorization: `Bearer ${token}` };
  const { margin } = (await orp.ask('/orp/v1/margin', { headers })).json<{ margin: { total: number } }>();
  await orp.ask('/orp/v1/session', { method: 'DELETE', headers });
  return `margin HKD ${margin.total}`;
}

describe.each(Object.entries(CLIENTS))('examples/%s (skipped only where its runtime is missing)', (_, client) => {
  const play = (environment: Record<string, string>, ...folder: string[]) =>
    run(client.command[0], [...client.command.slice(1), ...folder], '', { ...process.env, ...environment });

  test.skipIf(!client.there)('plays the whole day, and inputs nothing twice', { timeout: 120_000 }, async () => {
    await using harness = await inSession1();
    await using folder = await temporary('ccass-example-');
    const { code, stdout, stderr } = await withChildEnvironment(harness, (env) => play(env, folder.path));
    expect(stderr).toBe('');
    expect(stdout.trimEnd().split('\n')).toEqual([
      ...day(await marginOf(harness)),
      `logged off; the files are in ${folder.path}`,
    ]);
    expect(code).toBe(0);
    const files = readdirSync(folder.path);
    expect(files.filter((file) => file.endsWith('.zip'))).toHaveLength(20);
    expect(files.filter((file) => file.startsWith('ZSICR01_B09901_'))).toHaveLength(2);
    // One file came twice and was processed once; both services were logged off from.
    const uploads = await everyNoted(harness.control, 'upload');
    expect(uploads.map(({ centre, detail }) => [centre, detail.repeat])).toEqual([
      ['backup', false],
      ['primary', true],
    ]);
    expect(await everyNoted(harness.control, 'batch')).toHaveLength(1);
    const loggedOff = (await everyNoted(harness.control, 'logoff')).map(({ service }) => service);
    expect(loggedOff.filter((service) => service !== 'rap')).toEqual(['ccass', 'orp', 'orp']);
    expect(await everyNoted(harness.control, 'tls-refused')).toEqual([]);
  });

  test.skipIf(!client.there)(
    'tells why it is refused, and when to come back (NOT_OPEN)',
    { timeout: 120_000 },
    async () => {
      await using harness = await inSession1();
      answered(await harness.control.clock({ set: '2021-07-24T18:45' }));
      const { code, stdout, stderr } = await withChildEnvironment(harness, (env) => play(env));
      expect(code).not.toBe(0);
      expect(stdout).not.toContain('logged on');
      expect(stderr).toMatch(/NOT_OPEN: .*20:30/s);
    },
  );

  test.skipIf(!client.there)('trusts no other CA', { timeout: 120_000 }, async () => {
    await using harness = await inSession1();
    await using other = await inSession1({ certs: (await temporary('ccass-other-ca-')).path });
    const { code, stdout } = await withChildEnvironment(harness, (env) =>
      withChildEnvironment(other, ({ CCASS_HARNESS_CA = '' }) => play({ ...env, CCASS_HARNESS_CA })),
    );
    expect(code).not.toBe(0);
    expect(stdout).not.toContain('logged on');
  });
});

test.each(['csharp', 'java', 'python', 'sh'])('examples/%s has a README that says how to run it', (name) => {
  const readme = readFileSync(example(`${name}/README.md`), 'utf8');
  expect(readme).toContain('ccass-harness exec --rehearsal 2021-07-24 --at 2021-07-24T16:30 -- ');
  expect(readme.split('\n').length).toBeLessThan(20);
});

test('examples/csharp says in its first line that it is source only', () => {
  expect(readFileSync(example('csharp/Day.cs'), 'utf8').split('\n')[0]).toMatch(
    /^\/\/ Source only: no test runs this file/,
  );
});
