import { type Command, Option } from 'commander';
import type { Report } from '../domain/nouns/reports.ts';
import { ownFile } from './own-file.ts';
import { connect, type SteerFlags, steeringCommand } from './steering.ts';
import { tell, type World } from './world.ts';

interface PlaceFlags extends SteerFlags {
  readonly id: string;
  readonly participant: string;
  readonly date: string;
  readonly format: Report['format'];
}

/** `reports publish FILE` and `reports withdraw`: a file of the tester's own in a report's place. */
export function addOwnReports(reports: Command, world: World): void {
  placed(
    steeringCommand(reports, 'publish', "put a file of your own in a report's place", [
      'reports publish --id CIPSI02 --participant B09901 --date 2021-07-23 isi.txt',
      'reports publish --id ZSBAL01 --participant COMMON --date 2021-07-23 --format text notice.prn',
    ]),
  )
    .argument('<file>')
    .action(async (file: string, flags: PlaceFlags) => {
      const content = (await ownFile(file, flags.json)).toString('base64');
      const answer = await connect(flags, world).publishReport({ ...placeOf(flags), content });
      tell(world, flags.json, answer, ({ reference, sizeBytes, inPlaceOf }) =>
        [`${reference} published, ${sizeBytes} bytes`, ...(inPlaceOf ? ['in place of what the centre made'] : [])].join(
          ', ',
        ),
      );
    });
  placed(
    steeringCommand(reports, 'withdraw', "take a file of your own out of a report's place", [
      'reports withdraw --id CIPSI02 --participant B09901 --date 2021-07-23',
    ]),
  ).action(async (flags: PlaceFlags) => {
    const answer = await connect(flags, world).withdrawReport(placeOf(flags));
    tell(world, flags.json, answer, ({ reference, restored }) =>
      restored ? `${reference} is as the centre made it again` : `${reference} is gone`,
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
