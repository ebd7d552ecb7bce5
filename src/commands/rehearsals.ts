import type { Command } from 'commander';
import type { RehearsalAnswer } from '../control/answers.ts';
import { type CliContext, ExitWith, printAnswer, table } from './cli-context.ts';
import { CONFIGURATION } from './exit-codes.ts';
import { connect, type SteerFlags, steeringCommand } from './steering.ts';

export function addRehearsals(program: Command, context: CliContext): void {
  const rehearsal = program
    .command('rehearsal')
    .description('rehearsals: the loaded one, those of the package, yours')
    .addHelpText('after', '\nExamples:\n  rehearsal show\n  rehearsal check ./my-rehearsal.json');

  steeringCommand(rehearsal, 'show', 'the loaded rehearsal, its sessions and the coming events', [
    'rehearsal show',
  ]).action(async (flags: SteerFlags) =>
    printAnswer(context, flags.json, await connect(flags, context).rehearsal({}), rehearsalText),
  );

  rehearsal
    .command('list')
    .description('the rehearsals that come with the package; needs no harness')
    .option('--json', 'print them as JSON')
    .addHelpText('after', '\nExamples:\n  rehearsal list\n  up --rehearsal 2021-07-24')
    .action(async (flags: { json?: boolean }) => {
      const { loadFixtures, rehearsalIds } = await import('../loading/loading.ts');
      const list = [];
      for (const id of await rehearsalIds()) {
        const { title, status, source } = (await loadFixtures({ rehearsal: id })).rehearsal;
        list.push({ id, title, status, source });
      }
      printAnswer(context, flags.json, list, (all) =>
        table(
          ['id', 'times are', 'title'],
          all.map((one) => [one.id, one.status, one.title.en]),
        ),
      );
    });

  rehearsal
    .command('check <file>')
    .description('list everything that is wrong with your rehearsal file; needs no harness')
    .option('--market <dir>', 'check it against this market')
    .option('--reports <dir>', 'check it against this report catalogue')
    .option('--json', 'print the problems as JSON')
    .addHelpText(
      'after',
      `\nExits with ${CONFIGURATION} if anything is wrong.\n\nExamples:\n  rehearsal check ./my-rehearsal.json\n  up --rehearsal ./my-rehearsal.json`,
    )
    .action(async (file: string, { json, ...choice }: { json?: boolean; market?: string; reports?: string }) => {
      const { checkRehearsalFile, problemText } = await import('../loading/loading.ts');
      const problems = await checkRehearsalFile(file, choice);
      printAnswer(context, json, problems, (all) =>
        all.length === 0 ? `${file} is valid: up --rehearsal ${file}` : all.map(problemText).join('\n'),
      );
      if (problems.length > 0) throw new ExitWith(CONFIGURATION);
    });
}

function rehearsalText({ id, title, source, sessions, releases, coming }: RehearsalAnswer): string {
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
  if (releases.length > 0)
    blocks.push(
      table(
        ['in service from', 'release'],
        releases.map(({ from, name }) => [from, name]),
      ),
    );
  if (coming.length > 0)
    blocks.push(
      table(
        ['coming', '', ''],
        coming.map((event) => [event.hongKong, event.kind, event.what]),
      ),
    );
  return blocks.join('\n\n');
}
