import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import type { RehearsalSession } from '../domain/calendar/rehearsal.ts';
import { isRefusal, type Refusal } from '../domain/refusal.ts';
import type { HarnessOptions } from '../harness/options.ts';
import { clientUsersOf } from '../rehearsal/client-users.ts';
import { sessionWords, totalWords } from '../rehearsal/counts.ts';
import type { RehearseResult } from '../rehearsal/rehearse.ts';
import type { ClientLimit } from '../rehearsal/user-client.ts';
import { withChildEnvironment } from './child-environment.ts';
import { type CliContext, ExitWith, printAnswer } from './cli-context.ts';
import { TEMPORARY } from './config.ts';
import { durationMs } from './durations.ts';
import { FAILED, TASKS_NOT_DONE } from './exit-codes.ts';
import { childProcessEnvironment } from './proxies.ts';
import { start, startOptions, withStartOptions } from './start.ts';
import { terminalLanguage } from './terminal.ts';

/** The rehearsal that is played unless another is named. */
const FIRST = '2021-07-24';

interface RehearseFlags {
  readonly with?: string;
  readonly sessions?: readonly string[];
  readonly clientLimit?: ClientTime;
  readonly json?: boolean;
}

/** A duration as written, and in milliseconds. */
interface ClientTime {
  readonly text: string;
  readonly ms: number;
}

export function addRehearse(program: Command, context: CliContext): void {
  withStartOptions(
    program
      .command('rehearse')
      .description("start a harness and play a rehearsal's days in compressed time, every task of every session"),
  )
    .argument('[id]', `rehearsal to play: an ID, or your file (default: --rehearsal, else ${FIRST})`)
    .option(
      '--with <command>',
      'run this shell command as the client, in place of the reference participant',
      shellCommand,
    )
    .option('--sessions <ids>', 'play these sessions alone, such as session-1,session-2', (ids: string) =>
      ids.split(',').map((one) => one.trim()),
    )
    .option(
      '--client-limit <duration>',
      'end a client that has not ended after this wall time in a session (default: 10m)',
      (text: string): ClientTime => ({ text, ms: clientMs(text) }),
    )
    .option('--json', 'print the result as JSON; the steps go to standard error')
    .addHelpText('after', HELP)
    .action(async (id: string | undefined, flags: RehearseFlags, command: Command) => {
      const given = startOptions(command, context, TEMPORARY);
      const options = { ...given, rehearsal: id ?? given.rehearsal ?? FIRST };
      const result = await play(options, flags, context);
      const language = terminalLanguage(context.environment);
      printAnswer(context, flags.json, result, (played) =>
        played.sessions ? sessionWords(played)[language] : totalWords(played)[language],
      );
      if (isRefusal(result)) return;
      if (result.failed > 0) throw new ExitWith(FAILED);
      if (result.undone > 0) throw new ExitWith(TASKS_NOT_DONE);
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
    printed: context.printed,
    language: terminalLanguage(context.environment),
    signal: stop.signal,
    ...(flags.sessions && { sessions: flags.sessions }),
  };
  try {
    const { with: command } = flags;
    if (command === undefined) return await context.rehearse(common);
    return await withChildEnvironment(harness, (extra) =>
      withTaskFiles((sessionEnvironment) =>
        context.rehearse({
          ...common,
          with: {
            ...{ command, environment: childProcessEnvironment(context.environment, extra), sessionEnvironment },
            limit: clientLimit(flags.clientLimit ?? TEN_MINUTES),
          },
        }),
      ),
    );
  } finally {
    removeHandler();
  }
}

const TEN_MINUTES: ClientTime = { text: '10m', ms: 600_000 };

function shellCommand(text: string): string {
  if (text.trim() === '')
    throw new InvalidArgumentError("Write the command that runs your client, such as --with 'node my-client.js'.");
  return text;
}

/** The longest that a timer of Node can wait. */
const MOST_MS = 2 ** 31 - 1;

function clientMs(text: string): number {
  const ms = durationMs(text);
  if (ms < 1 || ms > MOST_MS) throw new InvalidArgumentError('Write a duration from 1ms to 24d.');
  return ms;
}

/** Time that an expired client has to end by itself. */
const GRACE_MS = 5000;

function clientLimit({ text, ms }: ClientTime): ClientLimit {
  return { text, expired: () => AbortSignal.timeout(ms), killed: () => AbortSignal.timeout(GRACE_MS) };
}

/** Calls `use` with what makes the variables of a session; the file of its tasks exists until it is done. */
async function withTaskFiles<T>(use: (of: (session: RehearsalSession) => Promise<SessionVariables>) => Promise<T>) {
  const folder = await mkdtemp(join(tmpdir(), 'ccass-harness-tasks-'));
  try {
    return await use(async ({ id, tasks }) => {
      const file = join(folder, `${id}.json`);
      await writeFile(file, JSON.stringify(tasks.map(({ en, zh }, n) => ({ id: `${id}.${n + 1}`, en, zh }))));
      return { CCASS_HARNESS_SESSION: id, CCASS_HARNESS_SESSION_TASKS: file };
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type SessionVariables = Readonly<Record<'CCASS_HARNESS_SESSION' | 'CCASS_HARNESS_SESSION_TASKS', string>>;

const HELP = `
Exits with ${FAILED} if a task failed. The reference participant plays the makers and checkers of the market, and of clearing
participants the RAP and ORP Online users; their password has to be the demo password of \`up\`.

With --with, the command is run once in each session while market time is frozen; optional sessions, such as the Sunday's, only if
--sessions names them. Then it is told what was seen of the client (log-ons, batches with accepted and refused rows, downloads) and
what was not. Exits with ${FAILED} if the client's exit code is not 0 or it took longer than --client-limit, and with ${TASKS_NOT_DONE} if in a session it
did not log on or every row of it was refused. The client finds in its environment the
variables of exec (exec --help), CCASS_HARNESS_SESSION (the session's ID) and CCASS_HARNESS_SESSION_TASKS (a JSON file: id, en and zh
of each task).

Examples:
  rehearse
  rehearse 2021-07-31 --seed 7
  rehearse ./my-rehearsal.json
  rehearse --with 'node my-client.js'
  rehearse --with ./client.sh --sessions session-1,verification --client-limit 2m`;
