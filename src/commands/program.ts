import { Command, CommanderError } from 'commander';
import { HarnessUnreachable } from '../client/remote-control.ts';
import { isRefusal } from '../domain/refusal.ts';
import { problemOf } from '../http/problem.ts';
import { ConfigurationError } from './config.ts';
import { CONFIGURATION, EXIT_CODE, FAILED, NOT_REACHABLE, USAGE } from './exit-codes.ts';
import { addFixtures } from './fixtures.ts';
import { addImrpf } from './imrpf.ts';
import { addJournal } from './journal.ts';
import { addMargin } from './margin.ts';
import { addRap } from './rap.ts';
import { addRehearse } from './rehearse.ts';
import { addRehearsing } from './rehearsing.ts';
import { addStarting } from './start.ts';
import { addSteering } from './steer.ts';
import { addTradesCommands } from './trades.ts';
import { Ended, Refused, type World } from './world.ts';

/** Runs one command and gives its exit code: exit-codes.ts has the table. */
export async function run(words: readonly string[], world: World): Promise<number> {
  const program = new Command('ccass-harness')
    .description(
      'A market rehearsal on your own machine: CCASS, RAP and ORP Online as two data centres behind one line.\nSIMULATED - not affiliated with HKEX.',
    )
    .version(world.version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => world.print(text.trimEnd()),
      writeErr: (text) => world.complain(text.trimEnd()),
    })
    .showHelpAfterError('(--help shows what there is)')
    .enablePositionalOptions()
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 failed, 2 usage, 3 configuration, 4 no harness answers, 10 and above refused (docs/fidelity.md).\n\nExamples:\n  up\n  failover --to backup\n  exec -- npm test\n  rehearse',
    );
  addStarting(program, world);
  addSteering(program, world);
  addJournal(program, world);
  addRap(program, world);
  addRehearsing(program, world);
  addRehearse(program, world);
  addTradesCommands(program, world);
  addFixtures(program, world);
  addMargin(program, world);
  addImrpf(program, world);
  try {
    await program.parseAsync(words, { from: 'user' });
    return 0;
  } catch (error) {
    return explain(error, world);
  }
}

/** What a user gave and must correct: fixtures, layouts, certificates, a data folder. By name, since --help loads none of their rooms. */
const GIVEN = ['FixturesRefused', 'LayoutRefused', 'CertificateError', 'DataFolderError', 'GenerationRefused'];

/** Says what went wrong and gives the exit code for it. */
function explain(error: unknown, world: World): number {
  if (error instanceof Ended) return error.code;
  // Commander has said its word already; help that nobody asked for is a mistake in usage.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
  if (error instanceof ConfigurationError) {
    world.complain(error.message);
    return CONFIGURATION;
  }
  if (error instanceof HarnessUnreachable) {
    world.complain(error.message);
    return NOT_REACHABLE;
  }
  if (error instanceof Error && 'refusal' in error && isRefusal(error.refusal)) {
    const { refusal, title, detail } = error.refusal;
    if (error instanceof Refused && error.json) world.print(JSON.stringify(problemOf(error.refusal, 'en')));
    else world.complain(`refused: ${title.en} (${refusal})\n  ${detail.en}`);
    return EXIT_CODE[refusal];
  }
  if (error instanceof Error && GIVEN.includes(error.name)) {
    world.complain(error.message);
    return CONFIGURATION;
  }
  world.complain(error instanceof Error ? `failed: ${error.stack ?? error.message}` : `failed: ${String(error)}`);
  return FAILED;
}
