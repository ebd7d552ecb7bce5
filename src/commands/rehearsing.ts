import type { Command } from 'commander';
import { PASSING } from '../config.ts';
import type { RehearsalAnswer } from '../control.ts';
import { CONFIGURATION, FAILED } from './exit-codes.ts';
import { startOptions, withStartOptions } from './start.ts';
import { connect, type SteerFlags, steeringCommand } from './steering.ts';
import { Ended, table, tell, type World } from './world.ts';

export function addRehearsing(program: Command, world: World): void {
  const rehearsal = program
    .command('rehearsal')
    .description('rehearsals: the one that is loaded, those that there are, your own');

  steeringCommand(rehearsal, 'show', 'the rehearsal that is loaded, its sessions and what comes', [
    'rehearsal show',
  ]).action(async (flags: SteerFlags) =>
    tell(world, flags.json, await connect(flags, world).rehearsal({}), rehearsalText),
  );

  rehearsal
    .command('list')
    .description('the rehearsals that come with the package; needs no harness')
    .option('--json', 'print them as JSON')
    .addHelpText('after', '\nExamples:\n  rehearsal list\n  up --rehearsal 2021-07-24')
    .action(async (flags: { json?: boolean }) => {
      const { loadFixtures, rehearsalIds } = await import('../fixtures.ts');
      const list = [];
      for (const id of await rehearsalIds()) {
        const { title, status, source } = (await loadFixtures({ rehearsal: id })).rehearsal;
        list.push({ id, title, status, source });
      }
      tell(world, flags.json, list, (all) =>
        table(
          ['id', 'times are', 'title'],
          all.map((one) => [one.id, one.status, one.title.en]),
        ),
      );
    });

  rehearsal
    .command('check <file>')
    .description('name everything that is wrong with a rehearsal file of your own; needs no harness')
    .option('--market <dir>', 'hold it against this market')
    .option('--reports <dir>', 'hold it against this report catalogue')
    .option('--json', 'print the problems as JSON')
    .addHelpText(
      'after',
      `\nEnds with ${CONFIGURATION} if anything is wrong.\n\nExamples:\n  rehearsal check ./my-rehearsal.json\n  up --rehearsal ./my-rehearsal.json`,
    )
    .action(async (file: string, { json, ...choice }: { json?: boolean; market?: string; reports?: string }) => {
      const { checkRehearsalFile, problemText } = await import('../fixtures.ts');
      const problems = await checkRehearsalFile(file, choice);
      tell(world, json, problems, (all) =>
        all.length === 0 ? `${file} is in order: up --rehearsal ${file}` : all.map(problemText).join('\n'),
      );
      if (problems.length > 0) throw new Ended(CONFIGURATION);
    });

  withStartOptions(
    program
      .command('rehearse')
      .description("start a harness and play a rehearsal's days in compressed time, every task of every session"),
  )
    .argument('[id]', 'rehearsal to play', '2021-07-24')
    .option('--with <command>', "play the client's part with this shell command in place of the reference participant")
    .option('--json', 'print the result as JSON; what is done goes to standard error')
    .addHelpText(
      'after',
      "\nEnds with 1 if a task failed.\n\nExamples:\n  rehearse\n  rehearse 2021-07-31 --seed 7\n  rehearse --with 'node my-client.js'",
    )
    .action(async (id: string, flags: { with?: string; json?: boolean }, command: Command) => {
      const harness = { ...startOptions(command, world, PASSING), rehearsal: id };
      const print = flags.json ? world.complain : world.print;
      const result = await world.rehearse({
        harness,
        id,
        print,
        ...(flags.with === undefined ? {} : { with: flags.with }),
      });
      tell(world, flags.json, result, ({ done, failed }) => `${done} tasks done, ${failed} failed`);
      if (result.failed > 0) throw new Ended(FAILED);
    });
}

function rehearsalText({ id, title, source, sessions, coming }: RehearsalAnswer): string {
  const blocks = [`${id}: ${title.en} / ${title.zh}\n${source}`];
  if (sessions.length > 0) {
    const rows = sessions.map((session) => [
      session.id,
      session.hongKong,
      session.centre,
      session.release,
      session.name.en,
    ]);
    blocks.push(table(['session', 'open', 'centre', 'release', 'name'], rows));
  }
  if (coming.length > 0)
    blocks.push(
      table(
        ['coming', '', ''],
        coming.map((event) => [event.hongKong, event.kind, event.what]),
      ),
    );
  return blocks.join('\n\n');
}
