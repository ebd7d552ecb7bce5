import { constants } from 'node:os';
import type { Command } from 'commander';
import { isRefusal, type Refusal } from '../domain/refusal.ts';
import type { HarnessOptions } from '../harness/options.ts';
import { clientUsersOf } from '../rehearsal/client-users.ts';
import { totalWords } from '../rehearsal/counts.ts';
import type { RehearseResult } from '../rehearsal/rehearse.ts';
import { withChildEnvironment } from './child-environment.ts';
import { type CliContext, ExitWith, printAnswer } from './cli-context.ts';
import { TEMPORARY } from './config.ts';
import { FAILED } from './exit-codes.ts';
import { childProcessEnvironment } from './proxies.ts';
import { start, startOptions, withStartOptions } from './start.ts';
import { terminalLanguage } from './terminal.ts';

interface RehearseFlags {
  readonly with?: string;
  readonly json?: boolean;
}

export function addRehearse(program: Command, context: CliContext): void {
  withStartOptions(
    program
      .command('rehearse')
      .description("start a harness and play a rehearsal's days in compressed time, every task of every session"),
  )
    .argument('[id]', 'rehearsal to play: an ID, or your file', '2021-07-24')
    .option('--with <command>', 'run this shell command as the client, in place of the reference participant')
    .option('--json', 'print the result as JSON; the steps go to standard error')
    .addHelpText('after', HELP)
    .action(async (id: string, flags: RehearseFlags, command: Command) => {
      const options = { ...startOptions(command, context, TEMPORARY), rehearsal: id };
      const result = await play(options, flags, context);
      const language = terminalLanguage(context.environment);
      printAnswer(context, flags.json, result, (counts) => totalWords(counts)[language]);
      if (!isRefusal(result) && result.failed > 0) throw new ExitWith(FAILED);
    });
}

/** Starts a harness for the rehearsal and stops it afterwards. A signal stops both. */
async function play(
  options: HarnessOptions,
  flags: RehearseFlags,
  context: CliContext,
): Promise<RehearseResult | Refusal> {
  const { loadFixtures } = await import('../loading/loading.ts');
  const { rehearsal, market, layouts, reports, stress } = options;
  const fixtures = await loadFixtures({
    ...(rehearsal === undefined ? {} : { rehearsal }),
    ...(market === undefined ? {} : { market }),
    ...(layouts === undefined ? {} : { layouts }),
    ...(reports === undefined ? {} : { reports }),
    ...(stress === undefined ? {} : { stress }),
  });
  const stop = new AbortController();
  await using harness = await start(options, context);
  const knownHosts = await harness.rap.knownHosts();
  const removeHandler = context.onSignal((signal) => stop.abort(new ExitWith(128 + constants.signals[signal])));
  const clientUsers = clientUsersOf(fixtures, { password: harness.demo.password, rap: harness.rap });
  const { line, sftp } = harness.addresses;
  const common = {
    ...{ control: harness.control, line, sftp, ca: harness.ca, knownHosts, clientUsers },
    ...{ rehearsal: fixtures.rehearsal, holidays: fixtures.holidays, layouts: fixtures.layouts },
    print: flags.json ? context.printError : context.print,
    language: terminalLanguage(context.environment),
    signal: stop.signal,
  };
  try {
    const { with: command } = flags;
    if (command === undefined) return await context.rehearse(common);
    return await withChildEnvironment(harness, (extra) =>
      context.rehearse({
        ...common,
        with: { command, environment: childProcessEnvironment(context.environment, extra) },
      }),
    );
  } finally {
    removeHandler();
  }
}

const HELP = `
Exits with 1 if a task failed. The reference participant plays the makers of the market, and of clearing participants the RAP
and ORP Online users; their password has to be the demo password of \`up\`. With --with, the command is run once in each session
while market time is frozen, and its exit code counts: it finds in its environment the variables of exec (exec --help) and
CCASS_HARNESS_SESSION (the session's ID).

Examples:
  rehearse
  rehearse 2021-07-31 --seed 7
  rehearse ./my-rehearsal.json
  rehearse --with 'node my-client.js'`;
