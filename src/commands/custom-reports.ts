import { type Command, Option } from 'commander';
import type { Report } from '../domain/nouns/reports.ts';
import { type CliContext, printAnswer } from './cli-context.ts';
import { connect, type SteerFlags, steeringCommand } from './steering.ts';
import { readUserFile } from './user-file.ts';

interface PlaceFlags extends SteerFlags {
  readonly id: string;
  readonly participant: string;
  readonly date: string;
  readonly format: Report['format'];
}

/** `reports publish FILE` and `reports withdraw`: the tester's file in place of a report. */
export function addCustomReports(reports: Command, context: CliContext): void {
  placed(
    steeringCommand(reports, 'publish', 'publish your file in place of a report', [
      'reports publish --id CIPSI02 --participant B09901 --date 2021-07-23 isi.txt',
      'reports publish --id ZSBAL01 --participant COMMON --date 2021-07-23 --format text notice.prn',
    ]),
  )
    .argument('<file>')
    .action(async (file: string, flags: PlaceFlags) => {
      const content = (await readUserFile(file, flags.json)).toString('base64');
      const answer = await connect(flags, context).publishReport({ ...placeOf(flags), content });
      printAnswer(context, flags.json, answer, ({ reference, sizeBytes, inPlaceOf }) =>
        [`${reference} published, ${sizeBytes} bytes`, ...(inPlaceOf ? ['in place of what the centre made'] : [])].join(
          ', ',
        ),
      );
    });
  placed(
    steeringCommand(reports, 'withdraw', 'withdraw your file and restore the report', [
      'reports withdraw --id CIPSI02 --participant B09901 --date 2021-07-23',
    ]),
  ).action(async (flags: PlaceFlags) => {
    const answer = await connect(flags, context).withdrawReport(placeOf(flags));
    printAnswer(context, flags.json, answer, ({ reference, restored }) =>
      restored ? `${reference} is restored as the centre made it` : `${reference} is gone`,
    );
  });
}

/** The options that name the place. */
function placed(command: Command): Command {
  return command
    .requiredOption('--id <id>', 'report ID')
    .requiredOption('--participant <id>', 'participant ID, or COMMON')
    .requiredOption('--date <date>', 'business date, such as 2021-07-23')
    .addOption(new Option('--format <format>', 'which form').choices(['data', 'text']).default('data'));
}

function placeOf({ id, participant, date, format }: PlaceFlags) {
  return { id, participant, businessDate: date, format };
}
