import { Command, CommanderError } from 'commander';
import { HarnessUnreachable } from '../client/remote-control.ts';
import { isRefusal } from '../domain/refusal.ts';
import { problemOf } from '../http/problem.ts';
import { addAttempts } from './attempts.ts';
import { type CliContext, ExitWith, Refused } from './cli-context.ts';
import { ConfigurationError } from './config.ts';
import { CONFIGURATION, EXIT_CODE, FAILED, NOT_REACHABLE, USAGE } from './exit-codes.ts';
import { addFixtures } from './fixtures.ts';
import { addImrpf } from './imrpf.ts';
import { addJournal } from './journal.ts';
import { addMargin } from './margin.ts';
import { addRap } from './rap.ts';
import { addRehearsals } from './rehearsals.ts';
import { addRehearse } from './rehearse.ts';
import { addStarting } from './start.ts';
import { addSteering } from './steer.ts';
import { withPrintableOutput } from './terminal.ts';
import { addTradesCommands } from './trades.ts';

/** Runs one command and gives its exit code: exit-codes.ts has the table. */
export async function run(words: readonly string[], unsafeContext: CliContext): Promise<number> {
  const context = withPrintableOutput(unsafeContext);
  const program = new Command('ccass-harness')
    .description(
      'A market rehearsal on your own machine: CCASS, RAP and ORP Online as two data centres behind one line.\nSIMULATED - not affiliated with HKEX.',
    )
    .version(context.version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.print(text.trimEnd()),
      writeErr: (text) => context.printError(text.trimEnd()),
    })
    .showHelpAfterError('(--help shows what there is)')
    .enablePositionalOptions()
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 failed, 2 usage, 3 configuration, 4 no harness answers, 5 the client of rehearse --with did nothing, 10 and above refused (docs/fidelity.md).\n\nExamples:\n  up\n  failover --to backup\n  exec -- npm test\n  rehearse',
    );
  addStarting(program, context);
  addSteering(program, context);
  addAttempts(program, context);
  addJournal(program, context);
  addRap(program, context);
  addRehearsals(program, context);
  addRehearse(program, context);
  addTradesCommands(program, context);
  addFixtures(program, context);
  addMargin(program, context);
  addImrpf(program, context);
  try {
    await program.parseAsync(words, { from: 'user' });
    return 0;
  } catch (error) {
    return explain(error, context);
  }
}

/** Errors in the user's fixtures, layouts, certificates or data folder. By name, so that --help need not load their modules. */
const USER_ERRORS = ['FixturesRefused', 'LayoutRefused', 'CertificateError', 'DataFolderError', 'GenerationRefused'];

/** Prints what went wrong and returns the exit code. */
function explain(error: unknown, context: CliContext): number {
  if (error instanceof ExitWith) return error.code;
  // Commander has already printed its message; help shown without --help is a usage error.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
  if (error instanceof ConfigurationError) {
    context.printError(error.message);
    return CONFIGURATION;
  }
  if (error instanceof HarnessUnreachable) {
    context.printError(error.message);
    return NOT_REACHABLE;
  }
  if (error instanceof Error && 'refusal' in error && isRefusal(error.refusal)) {
    const { refusal, title, detail } = error.refusal;
    if (error instanceof Refused && error.json) context.print(JSON.stringify(problemOf(error.refusal, 'en')));
    else context.printError(`refused: ${title.en} (${refusal})\n  ${detail.en}`);
    return EXIT_CODE[refusal];
  }
  if (error instanceof Error && USER_ERRORS.includes(error.name)) {
    context.printError(error.message);
    return CONFIGURATION;
  }
  context.printError(error instanceof Error ? `failed: ${error.stack ?? error.message}` : `failed: ${String(error)}`);
  return FAILED;
}
