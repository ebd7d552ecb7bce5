import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FIXED, readConfig } from '../../src/commands/config.ts';
import { limitsHelp } from '../../src/commands/limits.ts';
import { run } from '../../src/commands/program.ts';
import { allLimits, LIMIT_NAMES, LIMITS } from '../../src/harness/limits.ts';
import { fakeCliContext } from '../support/fake-cli-context.ts';

const fidelity = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'fidelity.md'), 'utf8');
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'limits-test-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function config(content: object): string {
  const path = join(folder, 'harness.json');
  writeFileSync(path, JSON.stringify(content));
  return path;
}
const limitsOf = (flags: object, environment = {}) => readConfig({ ...flags }, environment, FIXED).limits;

describe('--limit NAME=VALUE', () => {
  const example = { ms: ['1m30s', 90_000], bytes: ['64KiB', 65_536], count: ['7', 7] } as const;

  test.each(LIMIT_NAMES)('sets %s, by flag, environment and file', (name) => {
    const [text, value] = example[LIMITS[name].unit];
    expect(limitsOf({ limit: [`${name}=${text}`] })).toEqual({ [name]: value });
    expect(limitsOf({}, { CCASS_HARNESS_LIMIT: `${name}=${text}` })).toEqual({ [name]: value });
    expect(limitsOf({ config: config({ limit: { [name]: text } }) })).toEqual({ [name]: value });
    expect(limitsHelp()).toMatch(new RegExp(`^  ${name} +\\S+ +${LIMITS[name].words.replace(/[()]/g, '.')}$`, 'm'));
  });

  test('the flag wins over the environment, that over the file, limit by limit', () => {
    const flags = { limit: ['idleMs=1s'], config: config({ limit: ['idleMs=3s', 'headersMs=3s', 'requestMs=3s'] }) };
    expect(limitsOf(flags, { CCASS_HARNESS_LIMIT: 'idleMs=2s, headersMs=2s' })).toEqual({
      ...{ idleMs: 1_000, headersMs: 2_000, requestMs: 3_000 },
    });
  });

  test.each([
    ['finishMS=3s', 'got ["finishMS=3s"] (the flag), expected NAME=VALUE, the name one of: finishMs'],
    ['uploadByte=1MiB', 'the name one of: uploadBytes'],
    ['nothing=3', `the name one of: ${LIMIT_NAMES[0]}`],
    ['finishMs', 'finishMs=VALUE, a duration with its unit'],
    ['finishMs=', 'finishMs=VALUE'],
    ['finishMs=5', 'a duration with its unit, such as 250ms, 90s, 5m, 1h30m or 1d, from 1ms to'],
    ['finishMs=-1s', 'finishMs=VALUE'],
    ['finishMs=0', 'from 1ms'],
    ['finishMs=30d', 'from 1ms to 24d'],
    ['uploadBytes=1.5MiB', 'a size such as 64KiB, 32MiB or a number of bytes, from 1B to 1GiB'],
    ['uploadBytes=2GiB', 'to 1GiB'],
    ['connectionsPerAddress=many', 'a whole number, from 1 to 65535'],
  ])('%s is refused with what would do', (limit, words) => {
    expect(() => limitsOf({ limit: [limit] })).toThrow(words);
  });

  test('is repeated on the command line, and swallows no argument', async () => {
    const context = fakeCliContext();
    const line = ['exec', '--limit', 'finishMs=2s', '--limit', 'idleMs=90s', '--', process.execPath, '--version'];
    expect(await run(line, context)).toBe(0);
    expect(context.started).toMatchObject([{ limits: { finishMs: 2_000, idleMs: 90_000 } }]);
    const rehearsing = fakeCliContext();
    expect(await run(['rehearse', '--limit', 'finishMs=2s', '2021-07-31'], rehearsing)).toBe(0);
    expect(rehearsing.started).toMatchObject([{ rehearsal: '2021-07-31', limits: { finishMs: 2_000 } }]);
  });
});

test('what is not given has its default', () => {
  expect(allLimits({ finishMs: 7 })).toMatchObject({
    finishMs: 7,
    uploadBytes: 256 * 1024 * 1024,
    sftpIdleMs: 900_000,
  });
  expect(Object.keys(allLimits())).toEqual(LIMIT_NAMES);
});

test.each(LIMIT_NAMES)('docs/fidelity.md has %s with its default', (name) => {
  const { default: value, unit } = LIMITS[name];
  const numbers = unit === 'bytes' ? [`${value / 1024 ** 2} MiB`] : [String(value), value.toLocaleString('en')];
  const row = fidelity.split('\n').find((line) => line.startsWith('|') && line.includes(`\`${name}\``));
  expect(numbers.some((number) => row?.includes(number))).toBe(true);
});
