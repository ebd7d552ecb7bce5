import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Harness } from '../../src/harness/options.ts';
import { has, JAVA_OPTIONS, run } from '../support/foreign.ts';
import { inSession1 } from '../support/rehearsal.ts';
import { temporary } from '../support/up.ts';

const JAVA = fileURLToPath(new URL('java/Participant.java', import.meta.url));
const PYTHON = `
import ssl, sys, urllib.request
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}),
    urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=sys.argv[2])))
print(opener.open(sys.argv[1] + '/centre', timeout=30).read().decode())
`;
const NODE = `
require('node:https').get(process.argv[1] + '/centre', { ca: require('node:fs').readFileSync(process.argv[2]) },
  (answer) => answer.pipe(process.stdout));
`;

/** Clients whose own clock is set, as date-dependent jobs are tested: what they are called with, and their input. */
const CLIENTS: Readonly<Record<string, { args: (line: string, ca: string) => string[]; input?: string }>> = {
  curl: { args: (line, ca) => ['curl', '-sS', '--noproxy', '*', '--cacert', ca, `${line}/centre`] },
  python3: { args: (line, ca) => ['python3', '-c', PYTHON, line, ca] },
  java: { args: (line, ca) => ['java', ...JAVA_OPTIONS, JAVA, line, ca], input: 'get /centre centre\n' },
  node: { args: (line, ca) => [process.execPath, '-e', NODE, line, ca] },
};

describe.skipIf(!has('faketime', '--version'))('a client whose clock stands at market time', () => {
  let harness: Harness;
  let folder: Awaited<ReturnType<typeof temporary>>;
  beforeAll(async () => {
    harness = await inSession1();
    folder = await temporary('ccass-clocks-');
    await writeFile(join(folder.path, 'ca.pem'), harness.ca);
  });
  afterAll(async () => {
    await harness.stop();
    await folder[Symbol.asyncDispose]();
  });

  for (const [name, { args, input = '' }] of Object.entries(CLIENTS)) {
    const here = name === 'java' ? has('java', '-version') : name === 'node' || has(name, '--version');
    test.skipIf(!here)(`${name} trusts the line, as one at the wall clock does`, { timeout: 120_000 }, async () => {
      const command = args(harness.addresses.line, join(folder.path, 'ca.pem'));
      for (const clock of [['faketime', '-f', '@2021-07-24 08:30:00'], []]) {
        const { stdout, stderr } = await run('env', ['TZ=UTC', ...clock, ...command], input);
        expect([clock, stdout, stderr]).toEqual([clock, expect.stringMatching(/backup/), expect.anything()]);
      }
    });
  }

  test.skipIf(!has('curl', '--version'))('with --leaf wall it does not: only the wall clock counts', async () => {
    await using short = await inSession1({ leaf: 'wall', san: ['short.example.test'] });
    const ca = join(folder.path, 'short.pem');
    await writeFile(ca, short.ca);
    const curl = ['curl', '-sS', '--noproxy', '*', '--cacert', ca, `${short.addresses.line}/centre`];
    const early = await run('env', ['TZ=UTC', 'faketime', '-f', '@2021-07-24 08:30:00', ...curl]);
    expect([early.code, early.stderr]).toEqual([60, expect.stringMatching(/not yet valid/)]);
    expect((await run('env', curl)).stdout).toMatch(/backup/);
    expect([short.leafDays, harness.leafDays > 825]).toEqual([397, true]);
  });
});
