import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adminAccess } from '../../src/commands/admin-access.ts';
import {
  ConfigurationError,
  FIXED,
  OPTIONS,
  type OptionName,
  readConfig,
  TEMPORARY,
  variableOf,
} from '../../src/commands/config.ts';
import { instant } from '../../src/domain/calendar/calendar.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'config-test-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(content: unknown): string {
  const path = join(folder, 'harness.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

function problemsOf(read: () => unknown): ConfigurationError {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigurationError) return error;
    throw error;
  }
  throw new Error('nothing was wrong');
}

describe('where a value comes from', () => {
  it('needs nothing', () => {
    expect(readConfig({}, {}, FIXED)).toEqual({
      certs: 'certs',
      ports: { line: 7043, primary: 7044, backup: 7045, admin: 7080, sftp: 7022, sftpPrimary: 7023, sftpBackup: 7024 },
    });
    expect(readConfig({}, {}, TEMPORARY)).toEqual({
      ports: { line: 0, primary: 0, backup: 0, admin: 0, sftp: 0, sftpPrimary: 0, sftpBackup: 0 },
    });
  });

  // One good value, and another, of each option.
  const values: Record<OptionName, readonly [string, string]> = {
    rehearsal: ['2021-07-24', 'always-open'],
    at: ['2021-07-24T16:25', 'now'],
    clock: ['running', 'frozen'],
    rate: ['0.5', '60'],
    seed: ['0', '4294967295'],
    'accept-loss': ['true', 'false'],
    lag: ['0', '1500ms'],
    limit: ['finishMs=1s', 'finishMs=2s'],
    data: ['./a', './b'],
    certs: ['./a', './b'],
    san: ['a.test', 'b.test'],
    leaf: ['wall', 'both'],
    market: ['./a', './b'],
    layouts: ['./a', './b'],
    reports: ['./a', './b'],
    stress: ['./a', './b'],
    imrpf: ['a.csv', 'b.csv'],
    'imrpf-instruments': ['1', '3000'],
    host: ['127.0.0.1', '0.0.0.0'],
    'port-base': ['0', '17000'],
    'line-port': ['0', '65535'],
    'primary-port': ['0', '1'],
    'backup-port': ['0', '2'],
    'admin-port': ['0', '3'],
    'sftp-port': ['0', '4'],
    'sftp-primary-port': ['0', '5'],
    'sftp-backup-port': ['0', '6'],
    'host-keys': ['same', 'distinct'],
    token: ['abcdefgh', 'ABCDEFGH'],
    log: ['silent', 'debug'],
  };

  it.each(['1900-01-01', '1979-12-31T23:59', '2200-01-01', '9999-12-31'])(
    '--at %s: refused with the years there are',
    (at) => {
      expect(() => readConfig({ at }, {}, FIXED)).toThrow('from 1980 to 2199');
    },
  );

  it.each(Object.keys(OPTIONS) as OptionName[])(
    '--%s: the flag wins over the environment, that over the file',
    (name) => {
      const [one, other] = values[name];
      const given = (flags: object, environment: object) => readConfig({ ...flags }, { ...environment }, FIXED);
      const byFlag = given({ [name]: one }, {});
      const byOther = given({ [name]: other }, {});
      expect(byFlag).not.toEqual(byOther);
      const config = file({ [name]: other });
      expect(given({ config }, {})).toEqual(byOther);
      expect(given({ config }, { [variableOf(name)]: one })).toEqual(byFlag);
      expect(given({ config, [name]: one }, { [variableOf(name)]: other })).toEqual(byFlag);
      expect(given({}, { CCASS_HARNESS_CONFIG: config, [variableOf(name)]: '' })).toEqual(byOther);
    },
  );

  it('reads a time as Hong Kong, or as its zone says', () => {
    expect(readConfig({ at: '2021-07-24T16:25' }, {}, FIXED).at).toBe(instant('2021-07-24T16:25'));
    expect(readConfig({ at: '2021-07-24T08:25:00Z' }, {}, FIXED).at).toBe(instant('2021-07-24T16:25'));
    expect(readConfig({ at: 'now' }, {}, FIXED).at).toBe('now');
  });

  it('takes numbers and lists from a file as JSON has them', () => {
    const config = file({ rate: 2, seed: 7, 'port-base': 20_000, san: ['a.test', '*.b.test'] });
    expect(readConfig({ config }, {}, FIXED)).toMatchObject({
      rate: 2,
      seed: 7,
      san: ['a.test', '*.b.test'],
      ports: { admin: 20_080 },
    });
  });

  it('takes names by commas and by repeating the flag', () => {
    expect(readConfig({ san: ['a.test,b.test', '10.0.0.1'] }, {}, FIXED).san).toEqual(['a.test', 'b.test', '10.0.0.1']);
    expect(readConfig({}, { CCASS_HARNESS_SAN: 'a.test, b.test' }, FIXED).san).toEqual(['a.test', 'b.test']);
  });
});

describe('ports and certificates', () => {
  it('lays the ports out from a base, each movable', () => {
    const { ports } = readConfig({ 'port-base': '17000', 'backup-port': '4000', 'admin-port': '0' }, {}, FIXED);
    expect(ports).toEqual({
      line: 17_043,
      primary: 17_044,
      backup: 4000,
      admin: 0,
      sftp: 17_022,
      sftpPrimary: 17_023,
      sftpBackup: 17_024,
    });
  });

  it('keeps the ports of every base in one block of a hundred, apart, and its last ten free', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 65_535 - 99 }), (base) => {
        const all = Object.values(readConfig({ 'port-base': base }, {}, TEMPORARY).ports);
        expect(new Set(all).size).toBe(7);
        expect(all.every((port) => port >= base && port < base + 90)).toBe(true);
      }),
    );
    expect(() => readConfig({ 'port-base': 65_535 - 98 }, {}, TEMPORARY)).toThrow(ConfigurationError);
  });

  it('keeps certificates with the data', () => {
    expect(readConfig({ data: 'books' }, {}, FIXED).certs).toBe(join('books', 'certs'));
    expect(readConfig({ data: 'books', certs: 'mine' }, {}, FIXED).certs).toBe('mine');
    expect(readConfig({ data: 'books' }, {}, TEMPORARY).certs).toBe(join('books', 'certs'));
  });

  it('cannot be changed afterwards', () => {
    const options = readConfig({ san: 'a.test' }, {}, FIXED);
    expect([options, options.ports, options.san].every(Object.isFrozen)).toBe(true);
  });
});

describe('what does not fit', () => {
  it('tells everything at once: flag, what came, from where, what is allowed', () => {
    const config = file({ clock: 'stopped', colour: 'red', lgo: 'info' });
    const flags = { rate: 'fast', 'line-port': '70000', config };
    const error = problemsOf(() => readConfig(flags, { CCASS_HARNESS_SEED: '-1', CCASS_HARNESS_AT: 'noon' }, FIXED));
    expect(error.problems).toHaveLength(7);
    for (const problem of error.problems) {
      for (const part of [problem.flag, problem.from, problem.came, problem.allowed]) {
        expect(part).not.toBe('');
        expect(error.message).toContain(part);
      }
    }
    expect(error.problems).toContainEqual({
      flag: '--rate',
      from: 'the flag',
      came: '"fast"',
      allowed: 'a number above 0, at most 100000',
    });
    expect(error.problems.find(({ flag }) => flag === '--seed')?.from).toBe('CCASS_HARNESS_SEED');
    expect(error.problems.find(({ flag }) => flag === '--clock')).toMatchObject({ from: config, came: '"stopped"' });
    expect(error.problems.find(({ flag }) => flag === 'lgo')?.allowed).toContain('log');
  });

  it.each([
    ['seed', '1.5'],
    ['seed', '0x10'],
    ['seed', ''],
    ['rate', '0'],
    ['rate', '-1'],
    ['rate', 'NaN'],
    ['lag', '1e3'],
    ['at', '2021-02-30T10:00'],
    ['at', '10:00'],
    ['san', 'two words'],
    ['token', 'short'],
    ['token', 'with a space in it'],
    ['log', 'loud'],
    ['host', ' '],
    ['data', true],
  ])('--%s %j', (name, came) => {
    expect(problemsOf(() => readConfig({ [name]: came }, {}, FIXED)).problems).toMatchObject([{ flag: `--${name}` }]);
  });

  it.each(['{"seed": 1', '[]', '"seed"', 'null'])('a file with %s', (content) => {
    const error = problemsOf(() => readConfig({ config: file(content) }, {}, FIXED));
    expect(error.problems).toMatchObject([{ flag: '--config' }]);
  });

  it('a file that is not there', () => {
    const config = join(folder, 'missing.json');
    expect(problemsOf(() => readConfig({ config }, {}, FIXED)).message).toContain(config);
  });

  it('never throws anything else, whatever comes', () => {
    const names = Object.keys(OPTIONS);
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.jsonValue(), (name, came) => {
        try {
          readConfig({ [name]: came }, {}, FIXED);
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigurationError);
        }
      }),
    );
  });
});

describe('which harness to steer', () => {
  it('is named by --admin, --port-base, CCASS_HARNESS_ADMIN, CCASS_HARNESS_PORT_BASE, in this order, else the default one', () => {
    const flags = { admin: 'http://127.0.0.1:1', portBase: '7100', token: 't' };
    const environment = {
      CCASS_HARNESS_ADMIN: 'http://127.0.0.1:2',
      CCASS_HARNESS_PORT_BASE: '7200',
      CCASS_HARNESS_TOKEN: 'abcdefgh',
    };
    const { admin: _, ...withoutAdmin } = flags;
    const { CCASS_HARNESS_ADMIN: __, ...withoutUrl } = environment;
    const byFlags = { url: 'http://127.0.0.1:1', token: 't', by: '--admin' };
    expect(adminAccess(flags, environment)).toEqual(byFlags);
    expect(adminAccess(withoutAdmin, environment)).toEqual({
      ...{ url: 'http://127.0.0.1:7180', token: 't', by: '--port-base' },
    });
    expect(adminAccess({}, environment)).toEqual({
      ...{ url: 'http://127.0.0.1:2', token: 'abcdefgh', by: 'CCASS_HARNESS_ADMIN' },
    });
    expect(adminAccess({}, withoutUrl)).toMatchObject({ url: 'http://127.0.0.1:7280', by: 'CCASS_HARNESS_PORT_BASE' });
    expect(adminAccess({}, {})).toEqual({ url: 'http://127.0.0.1:7080', by: null });
    for (const portBase of ['0', 'x', '65437', ''])
      expect(() => adminAccess({ portBase }, {})).toThrow(/--port-base: got "(0|x|65437|)" \(the flag\), .*--admin/);
    expect(() => adminAccess({}, { CCASS_HARNESS_PORT_BASE: '0' })).toThrow(/"0" \(CCASS_HARNESS_PORT_BASE\)/);
    expect(() => adminAccess({ admin: 'localhost:7080' }, {})).toThrow(/--admin.*localhost:7080.*http:\/\//);
  });
});
