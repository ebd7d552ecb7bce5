import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { resolve, sep } from 'node:path';
import type { Command } from 'commander';
import type { Ports } from '../harness/addresses.ts';
import type { Harness, HarnessOptions } from '../harness/options.ts';
import { claimAddressesFile } from './addresses-file.ts';
import { banner } from './banner.ts';
import { withChildEnvironment } from './child-environment.ts';
import { type CliContext, ExitWith, unwrap } from './cli-context.ts';
import { ConfigurationError, type Defaults, FIXED, OPTIONS, type OptionName, readConfig, TEMPORARY } from './config.ts';
import { freeBase } from './free-base.ts';
import { limitsHelp } from './limits.ts';
import { dashed } from './ports.ts';
import { childProcessEnvironment } from './proxies.ts';

/** Adds the options of a harness start. */
export function withStartOptions(command: Command): Command {
  const options: readonly [string, { value: string; help: string; repeats?: boolean }][] = Object.entries(OPTIONS);
  for (const [name, { value, help, repeats }] of options) {
    const flag = `--${name} ${value}`.trim();
    if (repeats) command.option(flag, help, (given: string, before: string[] = []) => [...before, given]);
    else command.option(flag, help);
  }
  return command
    .option('--config <file>', 'JSON file of these options by name; flags and CCASS_HARNESS_* variables win')
    .addHelpText('after', limitsHelp());
}

/** The harness options of a command. @throws ConfigurationError */
export function startOptions(
  command: Command,
  context: CliContext,
  defaults: Defaults,
): HarnessOptions & { readonly ports: Ports } {
  const given = command.opts<Record<string, unknown>>();
  const camel = (name: string) => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  const flags = Object.fromEntries(
    [...(Object.keys(OPTIONS) as OptionName[]), 'config'].map((name) => [name, given[camel(name)]]),
  );
  return readConfig(flags, context.environment, defaults);
}

export function addStarting(program: Command, context: CliContext): void {
  withStartOptions(program.command('up').description('start both data centres, the line and the admin server'))
    .option('--json', 'print addresses, CA, host keys, token and demo user as one line of JSON')
    .option('--addresses <file>', 'write the variables of `exec` as JSON there once all listen; removed at the end')
    .addHelpText('after', EXAMPLES.up)
    .action(async (flags: UpFlags, command: Command) => up(flags, command, context));

  withStartOptions(
    program
      .command('exec')
      .description('start a harness on free ports, run a command against it, exit with its exit code'),
  )
    .argument('<command...>', 'the command and its arguments, after --')
    .passThroughOptions()
    .addHelpText('after', EXAMPLES.exec)
    .action(async (words: string[], _flags: unknown, command: Command) => exec(words, command, context));
}

interface UpFlags {
  readonly json?: boolean;
  readonly addresses?: string;
}

async function up(flags: UpFlags, command: Command, context: CliContext): Promise<void> {
  const options = startOptions(command, context, FIXED);
  const file = flags.addresses === undefined ? null : await claimAddressesFile(flags.addresses);
  context.printError('starting two data centres ...');
  if (options.imrpfInstruments !== undefined) {
    context.printError(
      `a risk parameter file of ${options.imrpfInstruments} instruments is generated at the first use of RAP or ORP Online; ${context.invocation} journal --follow --kinds run shows the progress`,
    );
  }
  await using harness = await start(options, context);
  const { addresses, ca, caPath, token, seed, version, demo, orp, recovered } = harness;
  const { user, keyPath, knownHostsPath, password } = harness.rap;
  const hostKeys = await harness.rap.fingerprints();
  const rap = { user, keyPath, knownHostsPath, password, hostKeys };
  const text = flags.json
    ? JSON.stringify({ addresses, ca, caPath, token, seed, version, demo, orp, rap, recovered })
    : banner(harness, { hostKeys, ciphers: await harness.rap.ciphers() }, unwrap(await harness.control.state({})), {
        ...context,
        freeBase: await freeBase(options.host),
      });
  // Handle signals before printing: a script that has read the addresses may send one at once.
  const signalled = Promise.withResolvers<void>();
  let signals = 0;
  context.onSignal(() => {
    if (++signals === 1) return signalled.resolve();
    context.printError('stopped at once');
    context.exit(130);
  });
  const untilSignalled = () => {
    context.print(text);
    return signalled.promise;
  };
  if (file === null) await untilSignalled();
  else {
    await withChildEnvironment(harness, async (variables) => {
      await file.write(variables);
      await untilSignalled();
      // First: whoever looks for a harness must not find one that is going.
      await file.remove();
    });
  }
  context.printError('draining: requests in progress may finish; repeat to stop at once');
}

async function exec(words: readonly string[], command: Command, context: CliContext): Promise<void> {
  if (words[0]?.trim() === '') command.error('error: the command is empty: write exec -- COMMAND ARGUMENTS');
  const options = startOptions(command, context, TEMPORARY);
  await using harness = await start({ rehearsal: 'always-open', ...options }, context);
  const code = await withChildEnvironment(harness, (extra) => runChild(words, extra, context));
  if (code !== 0) throw new ExitWith(code);
}

/** Runs a command with this process's streams; resolves to its exit code, or 128 + the signal number, as in shells. */
function runChild(words: readonly string[], extra: Record<string, string>, context: CliContext): Promise<number> {
  const [file = '', ...rest] = words;
  return new Promise((resolve) => {
    const child = spawn(file, rest, { stdio: 'inherit', env: childProcessEnvironment(context.environment, extra) });
    const stop = context.onSignal((signal) => {
      if (signal !== 'SIGINT' || !context.terminal) child.kill(signal);
    });
    child.once('error', (error: NodeJS.ErrnoException) => {
      stop();
      const missing = error.code === 'ENOENT';
      context.printError(missing ? `no command ${file}: write exec -- COMMAND ARGUMENTS` : `${file}: ${error.message}`);
      resolve(missing ? 127 : 126);
    });
    child.once('exit', (code, signal) => {
      stop();
      resolve(code ?? 128 + (signal ? constants.signals[signal] : 0));
    });
  });
}

/** Starts a harness; if a port or a folder cannot be used, the error names the flag. */
export async function start(options: HarnessOptions & { ports?: Ports }, context: CliContext): Promise<Harness> {
  try {
    return await context.startHarness(options);
  } catch (error) {
    for (let at: unknown = error; at instanceof Error; at = at.cause) {
      const problem = folderProblem(at, options) ?? (await portProblem(at, options));
      if (problem) throw new ConfigurationError([problem]);
    }
    throw error;
  }
}

const FOLDER_ERRORS = ['ENOENT', 'EACCES', 'EPERM', 'ENOTDIR', 'EEXIST', 'EISDIR', 'EROFS', 'ENOSPC'];

/** A --data or --certs folder that cannot be created, read or written. */
function folderProblem({ code = '', path }: NodeJS.ErrnoException, { data, certs }: HarnessOptions) {
  if (path === undefined || !FOLDER_ERRORS.includes(code)) return null;
  // In the folder, or above it where a folder on the way to it could not be made.
  const isIn = (inner: string, outer: string) => (resolve(inner) + sep).startsWith(resolve(outer) + sep);
  const folders = [
    { flag: '--certs', folder: certs },
    { flag: '--data', folder: data },
  ].flatMap(({ flag, folder }) => (folder === undefined ? [] : [{ flag, folder }]));
  const { flag } =
    folders.find(({ folder }) => isIn(path, folder)) ?? folders.find(({ folder }) => isIn(folder, path)) ?? {};
  return flag === undefined
    ? null
    : { flag, from: code, came: path, allowed: 'a folder that this user can create, read and write' };
}

async function portProblem(error: NodeJS.ErrnoException & { port?: number }, { ports, host }: HarnessOptions) {
  const name = Object.entries(ports ?? {}).find(([, port]) => port === error.port)?.[0];
  const flag = name ? `--${dashed(name)}-port` : '--port-base';
  const came = String(error.port);
  switch (error.code) {
    case 'EADDRINUSE':
      return {
        flag,
        from: 'the port is taken, perhaps by another harness',
        came,
        allowed: `a free port: stop what listens there, or move all ports: ${await freeBaseWords(host)}`,
      };
    case 'EACCES':
      return {
        flag,
        from: 'the system reserves that port',
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

/** `--port-base 7100 is free now`. */
async function freeBaseWords(host: string | undefined): Promise<string> {
  const base = await freeBase(host);
  return base === null ? '--port-base 0 takes any that are free' : `--port-base ${base} is free now`;
}

const EXAMPLES = {
  up: `
Examples:
  up                                    always open, market time = now, ports 7022 to 7080
  up --rehearsal 2021-07-24             the circular's Saturday, frozen five minutes before session 1
  up --data ./books --port-base 7100    books that survive a restart, beside a harness on 7000
  up --addresses harness.json           addresses, files and demo users as JSON, for a test framework
  up --host 0.0.0.0 --token "$TOKEN"    reachable from elsewhere; control needs the token`,
  exec: `
The command finds in its environment CCASS_HARNESS_LINE, _PRIMARY, _BACKUP, _SFTP, _SFTP_PRIMARY, _SFTP_BACKUP and _ADMIN (URLs),
_SFTP_HOST and _SFTP_PORT, _CA (a PEM file), _KNOWN_HOSTS and _RAP_KEY (files for SFTP), _PARTICIPANT, _USER and _PASSWORD (the demo
user), _ORP_USER and _TOKEN, and NODE_EXTRA_CA_CERTS for Node.

Examples:
  exec -- npm test
  exec --rehearsal 2021-07-24 --seed 7 -- ./gradlew test
  exec -- sh -c 'curl --cacert "$CCASS_HARNESS_CA" "$CCASS_HARNESS_LINE/ccass/v1/openapi.json"'`,
} as const;
