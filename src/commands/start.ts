import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join, resolve, sep } from 'node:path';
import type { Command } from 'commander';
import type { Ports } from '../harness/addresses.ts';
import type { Harness, HarnessOptions } from '../harness/options.ts';
import { banner } from './banner.ts';
import {
  ConfigurationError,
  type Defaults,
  FIXED,
  OPTIONS,
  type OptionName,
  PASSING,
  readConfig,
  variableOf,
} from './config.ts';
import { dashed } from './ports.ts';
import { answered, Ended, type World } from './world.ts';

/** Adds the options that say how a harness is to start. */
export function withStartOptions(command: Command): Command {
  for (const [name, { value, help }] of Object.entries(OPTIONS)) command.option(`--${name} ${value}`, help);
  return command.option(
    '--config <file>',
    'JSON file of these options by name; flags and CCASS_HARNESS_* variables win',
  );
}

/** The options that such a command was given. @throws ConfigurationError */
export function startOptions(
  command: Command,
  world: World,
  defaults: Defaults,
): HarnessOptions & { readonly ports: Ports } {
  const given = command.opts<Record<string, unknown>>();
  const camel = (name: string) => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  const flags = Object.fromEntries(
    [...(Object.keys(OPTIONS) as OptionName[]), 'config'].map((name) => [name, given[camel(name)]]),
  );
  return readConfig(flags, world.environment, defaults);
}

export function addStarting(program: Command, world: World): void {
  withStartOptions(program.command('up').description('start both data centres, the line and the admin server'))
    .option('--json', 'print addresses, CA, host keys, token and demo user as one line of JSON')
    .addHelpText('after', EXAMPLES.up)
    .action(async (flags: { json?: boolean }, command: Command) => up(flags, command, world));

  withStartOptions(
    program
      .command('exec')
      .description('start a harness on free ports, run a command against it, end with its exit code'),
  )
    .argument('<command...>', 'the command and its arguments, after --')
    .passThroughOptions()
    .addHelpText('after', EXAMPLES.exec)
    .action(async (words: string[], _flags: unknown, command: Command) => exec(words, command, world));
}

async function up(flags: { json?: boolean }, command: Command, world: World): Promise<void> {
  const options = startOptions(command, world, FIXED);
  world.complain('starting two data centres ...');
  if (options.imrpfInstruments !== undefined) {
    world.complain(
      `a risk parameter file of ${options.imrpfInstruments} instruments is made when somebody first looks at RAP or ORP Online; ${world.invocation} journal --follow --kinds run tells how far it is`,
    );
  }
  const harness = await start(options, world);
  const { addresses, ca, caPath, token, seed, version, demo, orp, recovered } = harness;
  const { user, keyPath, knownHostsPath, password } = harness.rap;
  const hostKeys = await harness.rap.fingerprints();
  const rap = { user, keyPath, knownHostsPath, password, hostKeys };
  const told = flags.json
    ? JSON.stringify({ addresses, ca, caPath, token, seed, version, demo, orp, rap, recovered })
    : banner(
        harness,
        { hostKeys, ciphers: await harness.rap.ciphers() },
        answered(await harness.control.state({})),
        world.invocation,
      );
  // Listened to before anything is told: who has read the addresses may send a signal at once.
  const signalled = Promise.withResolvers<void>();
  let signals = 0;
  world.onSignal(() => {
    if (++signals === 1) return signalled.resolve();
    world.complain('left at once');
    world.leave(130);
  });
  world.print(told);
  await signalled.promise;
  world.complain('draining: what is under way may finish; once more to leave at once');
  await harness.stop();
}

async function exec(words: readonly string[], command: Command, world: World): Promise<void> {
  const options = startOptions(command, world, PASSING);
  await using harness = await start({ rehearsal: 'always-open', ...options }, world);
  const code = await withChildEnvironment(harness, (extra) => runChild(words, extra, world));
  if (code !== 0) throw new Ended(code);
}

/** What a command of the user's finds in its environment, and the CA as a file for as long as `use` takes. */
export async function withChildEnvironment<T>(
  harness: Harness,
  use: (extra: Record<string, string>) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'ccass-harness-'));
  try {
    const ca = harness.caPath ?? join(folder, 'ca.pem');
    if (harness.caPath === null) await writeFile(ca, harness.ca);
    const { keyPath, knownHostsPath, privateKey } = harness.rap;
    const key = keyPath ?? join(folder, `rap-${harness.rap.user}`);
    if (keyPath === null) await writeFile(key, privateKey, { mode: 0o600 });
    const hosts = knownHostsPath ?? join(folder, 'known_hosts');
    if (knownHostsPath === null) await writeFile(hosts, await harness.rap.knownHosts());
    return await use(childEnvironment(harness, { ca, key, hosts }));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function childEnvironment(
  harness: Harness,
  { ca, key, hosts }: { readonly ca: string; readonly key: string; readonly hosts: string },
): Record<string, string> {
  return {
    ...Object.fromEntries(Object.entries(harness.addresses).map(([name, url]) => [variableOf(dashed(name)), url])),
    CCASS_HARNESS_KNOWN_HOSTS: hosts,
    CCASS_HARNESS_RAP_KEY: key,
    CCASS_HARNESS_CA: ca,
    CCASS_HARNESS_TOKEN: harness.token,
    // Node trusts it beside its own; other stacks replace their whole list, so that stays the caller's choice.
    NODE_EXTRA_CA_CERTS: ca,
  };
}

/** Runs a command with our streams; its exit code, or 128 + the number of the signal that ended it, as shells have it. */
function runChild(words: readonly string[], extra: Record<string, string>, world: World): Promise<number> {
  const [file = '', ...rest] = words;
  return new Promise((resolve) => {
    const child = spawn(file, rest, { stdio: 'inherit', env: { ...world.environment, ...extra } });
    const stop = world.onSignal((signal) => {
      if (signal !== 'SIGINT' || !world.terminal) child.kill(signal);
    });
    child.once('error', (error: NodeJS.ErrnoException) => {
      stop();
      const missing = error.code === 'ENOENT';
      world.complain(missing ? `no command ${file}: write exec -- COMMAND ARGUMENTS` : `${file}: ${error.message}`);
      resolve(missing ? 127 : 126);
    });
    child.once('exit', (code, signal) => {
      stop();
      resolve(code ?? 128 + (signal ? constants.signals[signal] : 0));
    });
  });
}

/** Starts a harness; a port that cannot be opened, or a folder that cannot be used, becomes words that name the flag. */
export async function start(options: HarnessOptions & { ports?: Ports }, world: World): Promise<Harness> {
  try {
    return await world.startHarness(options);
  } catch (error) {
    for (let at: unknown = error; at instanceof Error; at = at.cause) {
      const problem = folderProblem(at, options) ?? portProblem(at, options);
      if (problem) throw new ConfigurationError([problem]);
    }
    throw error;
  }
}

const NOT_OURS = ['EACCES', 'EPERM', 'ENOTDIR', 'EEXIST', 'EISDIR', 'EROFS', 'ENOSPC'];

/** A folder that was named, and that the system does not let us make, read or write. */
function folderProblem({ code = '', path }: NodeJS.ErrnoException, { data, certs }: HarnessOptions) {
  if (path === undefined || !NOT_OURS.includes(code)) return null;
  const isIn = (folder: string | undefined) =>
    folder !== undefined && (resolve(path) + sep).startsWith(resolve(folder) + sep);
  const flag = isIn(certs) ? '--certs' : isIn(data) ? '--data' : null;
  return flag && { flag, from: code, came: path, allowed: 'a folder that may be made, read and written by this user' };
}

function portProblem(error: NodeJS.ErrnoException & { port?: number }, { ports, host }: HarnessOptions) {
  const name = Object.entries(ports ?? {}).find(([, port]) => port === error.port)?.[0];
  const flag = name ? `--${dashed(name)}-port` : '--port-base';
  const came = String(error.port);
  switch (error.code) {
    case 'EADDRINUSE':
      return {
        flag,
        from: 'the port is taken, perhaps by another harness',
        came,
        allowed: `a free port: stop what listens there, or move all ports, such as with --port-base ${error.port === 17_443 ? 27_000 : 17_000}`,
      };
    case 'EACCES':
      return {
        flag,
        from: 'the system keeps that port for others',
        came,
        allowed: 'a port above 1023, or 0 for any free one',
      };
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return {
        flag: '--host',
        from: 'no such address here',
        came: String(host),
        allowed: 'an address of this machine, such as 127.0.0.1',
      };
    default:
      return null;
  }
}

const EXAMPLES = {
  up: `
Examples:
  up                                    always open, market time = now, ports 7022 to 9443
  up --rehearsal 2021-07-24             the circular's Saturday, frozen five minutes before session 1
  up --data ./books --port-base 17000   books that outlive a restart, other ports
  up --host 0.0.0.0 --token "$TOKEN"    reachable from elsewhere; steering needs the token`,
  exec: `
The command finds CCASS_HARNESS_LINE, _PRIMARY, _BACKUP, _SFTP, _SFTP_PRIMARY, _SFTP_BACKUP, _ADMIN (URLs), _CA (a PEM file),
_KNOWN_HOSTS and _RAP_KEY (files for SFTP) and _TOKEN in its environment, and NODE_EXTRA_CA_CERTS for Node.

Examples:
  exec -- npm test
  exec --rehearsal 2021-07-24 --seed 7 -- ./gradlew test
  exec -- sh -c 'curl --cacert "$CCASS_HARNESS_CA" "$CCASS_HARNESS_LINE/ccass/v1/openapi.json"'`,
} as const;
