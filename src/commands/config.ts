import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LEAF_CLOCKS } from '../centre/tls/validity.ts';
import { instant, parseInstant } from '../domain/calendar/calendar.ts';
import { nearest } from '../domain/nearest.ts';
import type { Ports } from '../harness/addresses.ts';
import { type HarnessOptions, type Limits, LOG_LEVELS } from '../harness/options.ts';
import { textOfFile } from '../wire/text-file.ts';
import { DURATION_WORDS, readDuration } from './durations.ts';
import { readLimits } from './limits.ts';
import { DEFAULT_BASE, LAST_BASE, PORT_BASE_HELP, portRows, portsFrom } from './ports.ts';

/**
 * Options: flags override the environment, which overrides a JSON file. The only reader of the process environment. Reports
 * all problems at once, each with the flag, the value it got, its source, and what is allowed.
 */

export type Environment = Readonly<Record<string, string | undefined>>;

/** Parses a given value; null if it is not valid. */
type Reader<T> = (given: unknown) => T | null;

interface Row<T> {
  /** The placeholder in --help. The environment variable is CCASS_HARNESS_ and the name in capitals; the file uses the name itself. */
  readonly value: string;
  readonly allowed: string;
  readonly help: string;
  readonly read: Reader<T>;
  /** The flag may be given more than once. */
  readonly repeats?: boolean;
}

const text: Reader<string> = (given) => (typeof given === 'string' && given.trim() !== '' ? given : null);
const whole =
  (from: number, to: number): Reader<number> =>
  (given) => {
    const number = typeof given === 'string' && /^-?\d{1,15}$/.test(given.trim()) ? Number(given) : given;
    return typeof number === 'number' && Number.isInteger(number) && number >= from && number <= to ? number : null;
  };
const duration =
  (most: number): Reader<number> =>
  (given) => {
    const ms = readDuration(given);
    return ms !== null && ms <= most ? ms : null;
  };
const above =
  (from: number, to: number): Reader<number> =>
  (given) => {
    const number = typeof given === 'string' && given.trim() !== '' ? Number(given) : given;
    return typeof number === 'number' && number > from && number <= to ? number : null;
  };
const oneOf =
  <const T extends string>(values: readonly T[]): Reader<T> =>
  (given) =>
    values.find((value) => value === given) ?? null;
const names: Reader<readonly string[]> = (given) => {
  const list = (Array.isArray(given) ? given : [given]).flatMap((each) =>
    typeof each === 'string' ? each.split(',') : [null],
  );
  const trimmed = list.map((name) => name?.trim() ?? '');
  return trimmed.length > 0 && trimmed.every((name) => /^[A-Za-z0-9*.:_-]{1,253}$/.test(name)) ? trimmed : null;
};

/** Hong Kong's offset is constant from 1980 on; the calendar ends with year 9999, and a run needs years before and after it. */
const startInstant = (given: string): number | null => {
  const at = parseInstant(given);
  return at !== null && at >= instant('1980-01-01') && at < instant('2200-01-01') ? at : null;
};

const row = <T>(value: string, read: Reader<T>, allowed: string, help: string): Row<T> => ({
  value,
  read,
  allowed,
  help,
});
const folder = (help: string) => row('<dir>', text, 'a folder', help);
const port = (help: string) => row('<port>', whole(0, 65_535), 'a port from 0 to 65535; 0 = any free one', help);

/** `line-port`, `sftp-primary-port` ...: the port of each address. */
const PORT_OPTIONS = portRows(port);

const GENERAL = {
  rehearsal: row('<id|file>', text, 'the ID of a rehearsal, or a file', 'rehearsal to load (default: always-open)'),
  at: row(
    '<time>',
    (given): number | 'now' | null =>
      given === 'now' ? 'now' : typeof given === 'string' ? startInstant(given) : null,
    'now, a Hong Kong time such as 2021-07-24T16:25, or an ISO time with a zone, from 1980 to 2199',
    'market time at the start (default: as the rehearsal says)',
  ),
  clock: row('<mode>', oneOf(['running', 'frozen']), 'running or frozen', 'running or frozen at the start'),
  rate: row(
    '<factor>',
    above(0, 100_000),
    'a number above 0, at most 100000',
    'market seconds per second while it runs',
  ),
  seed: row('<number>', whole(0, 2 ** 32 - 1), 'a whole number from 0 to 4294967295', 'seed of all chance'),
  lag: row(
    '<duration>',
    duration(7 * 86_400_000),
    `${DURATION_WORDS}, at most 7d`,
    'replication lag in market time, such as 5m (default: 0)',
  ),
  data: folder('keep books, blobs and clock here, so that they survive a restart'),
  'accept-loss': row(
    '',
    (given): boolean | null => ({ true: true, false: false })[String(given)] ?? null,
    'true or false',
    'go on with a damaged --data folder where that loses something',
  ),
  certs: folder('CA, certificates and keys; made if missing (default: DATA/certs, else ./certs)'),
  san: row('<name...>', names, 'DNS names or addresses', 'further names in the certificates'),
  leaf: row(
    '<clock>',
    oneOf(LEAF_CLOCKS),
    'both or wall',
    'clocks that certificates are valid for: wall leaves market time out, for Apple (default: both)',
  ),
  'host-keys': row(
    '<show>',
    oneOf(['same', 'distinct']),
    'same or distinct',
    'SSH host keys of the two centres; distinct rehearses a change of key (default: same)',
  ),
  market: folder('participants, users, stocks ... in place of the built-in ones'),
  layouts: folder('record layouts in place of the built-in ones'),
  reports: folder('report catalogue in place of the built-in one'),
  stress: folder('stressed scenario sets of ORP Online, over the built-in ones'),
  imrpf: row('<file>', text, 'a file', 'your risk parameter file (RPF01) in place of generated ones'),
  'imrpf-instruments': row(
    '<number>',
    whole(1, 10_000),
    'a whole number from 1 to 10000',
    "instruments of a generated risk parameter file; 3000 = full size (default: the market's)",
  ),
  host: row('<address>', text, 'an address of this machine', 'address to listen on (default: 127.0.0.1)'),
  'port-base': row(
    '<port>',
    whole(0, LAST_BASE),
    `a port from 0 to ${LAST_BASE}; 0 = any free ports`,
    `${PORT_BASE_HELP} (default: ${DEFAULT_BASE})`,
  ),
} as const satisfies Record<string, Row<unknown>>;

const STEERING = {
  token: row(
    '<token>',
    (given): string | null => (typeof given === 'string' && /^[\x21-\x7e]{8,200}$/.test(given) ? given : null),
    '8 to 200 printable characters without spaces',
    'token for control from another machine (default: a new one)',
  ),
  /** Read by readLimits, limit by limit. */
  limit: {
    ...row('<name=value>', (given: unknown): unknown => given, 'NAME=VALUE', 'one limit, named below; may be repeated'),
    repeats: true,
  },
  log: row('<level>', oneOf(LOG_LEVELS), LOG_LEVELS.join(', '), `${LOG_LEVELS.join(', ')} (default: warn)`),
} as const satisfies Record<string, Row<unknown>>;

/** In the order of --help. */
export const OPTIONS = { ...GENERAL, ...PORT_OPTIONS, ...STEERING };
export type OptionName = keyof typeof OPTIONS;
type Rows = typeof GENERAL & typeof STEERING;
type Values = { readonly [N in Exclude<keyof Rows, 'limit'>]?: NonNullable<ReturnType<Rows[N]['read']>> } & {
  readonly limits?: Limits;
};
type PortValues = Parameters<typeof portsFrom>[0];

export interface Problem {
  readonly flag: string;
  /** Where the value came from: `the flag`, `CCASS_HARNESS_RATE`, `harness.json`. */
  readonly from: string;
  readonly came: string;
  readonly allowed: string;
}

/** Invalid options; the message has one line per problem. */
export class ConfigurationError extends Error {
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[]) {
    const lines = problems.map(
      ({ flag, from, came, allowed }) => `  ${flag}: got ${came} (${from}), expected ${allowed}`,
    );
    super(['invalid options:', ...lines, 'run with --help for all options'].join('\n'));
    this.name = 'ConfigurationError';
    this.problems = problems;
  }
}

/** Defaults for ports and certificates. */
export interface Defaults {
  readonly portBase: number;
  /** Whether certificates are stored in a folder or in memory. */
  readonly keepCerts: boolean;
}

/** For `up`: fixed ports that a configuration can name. */
export const FIXED: Defaults = { portBase: DEFAULT_BASE, keepCerts: true };
/** For `exec` and `rehearse`: any number at once, leaving nothing behind. */
export const TEMPORARY: Defaults = { portBase: 0, keepCerts: false };

/**
 * The options of a harness, frozen. `flags` are those of the command line by option name; `config` is the path of a file.
 * @throws ConfigurationError with all problems.
 */
export function readConfig(
  flags: Readonly<Record<string, unknown>>,
  environment: Environment,
  defaults: Defaults,
): HarnessOptions & { readonly ports: Ports } {
  const problems: Problem[] = [];
  const file = flags.config ?? (environment.CCASS_HARNESS_CONFIG || undefined);
  const inFile = file === undefined ? {} : readFile(String(file), problems);
  const values: Record<string, unknown> = {};
  const ports: Record<string, unknown> = {};
  for (const name of Object.keys(OPTIONS) as OptionName[]) {
    const { allowed, read } = OPTIONS[name];
    const variable = variableOf(name);
    const sources = [
      { from: String(file), came: inFile[name] },
      { from: variable, came: environment[variable] || undefined },
      { from: 'the flag', came: flags[name] },
    ].filter(({ came }) => came !== undefined && came !== null);
    if (name === 'limit') {
      if (sources.length > 0) values.limits = readLimits(sources, problems);
      continue;
    }
    const last = sources.at(-1);
    if (!last) continue;
    const { from, came } = last;
    const value = read(came);
    if (value === null) problems.push({ flag: `--${name}`, from, came: JSON.stringify(came), allowed });
    else (name in PORT_OPTIONS ? ports : values)[name] = value;
  }
  if (problems.length > 0) throw new ConfigurationError(problems);
  return freeze(harnessOptions(values as Values, ports as PortValues, defaults));
}

/** The environment variable of an option or an address: `CCASS_HARNESS_PORT_BASE` for `port-base`. */
export function variableOf(name: string): string {
  return `CCASS_HARNESS_${name.toUpperCase().replaceAll('-', '_')}`;
}

/** The environment of this process, read once by cli.ts. */
export function processEnvironment(): Environment {
  return { ...process.env };
}

function harnessOptions(
  values: Values,
  ports: PortValues,
  defaults: Defaults,
): HarnessOptions & { readonly ports: Ports } {
  const { data, lag } = values;
  const certs = values.certs ?? (data ? join(data, 'certs') : defaults.keepCerts ? 'certs' : undefined);
  const { 'port-base': _, 'host-keys': hostKeys, 'imrpf-instruments': imrpfInstruments, lag: __, ...named } = values;
  const { 'accept-loss': acceptLoss, ...same } = named;
  return {
    ...same,
    ...(lag === undefined ? {} : { lagMs: lag }),
    ...(certs === undefined ? {} : { certs }),
    ...(acceptLoss === undefined ? {} : { acceptLoss }),
    ...(hostKeys === undefined ? {} : { hostKeys }),
    ...(imrpfInstruments === undefined ? {} : { imrpfInstruments }),
    ports: portsFrom(ports, values['port-base'] ?? defaults.portBase),
  };
}

function readFile(path: string, problems: Problem[]): Record<string, unknown> {
  const wrong = (came: string) => {
    problems.push({ flag: '--config', from: path, came, allowed: 'a JSON file with one object of options' });
    return {};
  };
  let parsed: unknown;
  try {
    parsed = JSON.parse(textOfFile(readFileSync(path)));
  } catch (error) {
    return wrong(error instanceof Error ? error.message : String(error));
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    return wrong(JSON.stringify(parsed).slice(0, 80));
  const known = Object.keys(OPTIONS);
  for (const name of Object.keys(parsed).filter((given) => !known.includes(given))) {
    const near = nearest(name, known);
    problems.push({
      flag: name,
      from: path,
      came: 'an unknown option',
      allowed: near.length > 0 ? `${near.join(', ')} ...` : known.join(', '),
    });
  }
  return { ...parsed };
}

function freeze<T extends object>(value: T): T {
  for (const member of Object.values(value)) if (typeof member === 'object' && member !== null) freeze(member);
  return Object.freeze(value);
}
