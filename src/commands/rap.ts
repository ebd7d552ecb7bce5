import { type Command, Option } from 'commander';
import { formatHkt } from '../domain/calendar/calendar.ts';
import type { RapKey } from '../domain/nouns/access.ts';
import type { RapFile, RapFolder } from '../domain/nouns/reports.ts';
import { type CliContext, printAnswer, table } from './cli-context.ts';
import { connect, type SteerFlags, steeringCommand } from './steering.ts';
import { readUserText, streamUserFile } from './user-file.ts';

interface PlaceFlags extends SteerFlags {
  readonly id: string;
  readonly participant: string;
  readonly date: string;
  readonly time: string;
  readonly folder?: RapFolder;
}

/** `rap files`, `rap publish`, `rap keys` ...: what RAP users have, and who may log on. */
export function addRap(program: Command, context: CliContext): void {
  const rap = program
    .command('rap')
    .description("RAP (SFTP): users' keys and files")
    .addHelpText(
      'after',
      '\nExamples:\n  rap keys add --participant B09901 id_ed25519.pub\n  rap files --participant B09901',
    );
  addKeys(rap, context);

  steeringCommand(rap, 'files', 'every file of RAP in the active centre', [
    'rap files',
    'rap files --participant B09901',
  ])
    .option('--participant <id>', "one participant's only, or COMMON")
    .action(async ({ participant, ...flags }: SteerFlags & { participant?: string }) => {
      const answer = await connect(flags, context).rapFiles(participant === undefined ? {} : { participant });
      printAnswer(context, flags.json, answer, ({ files }) => (files.length === 0 ? 'no file yet' : filesText(files)));
    });

  placed(
    steeringCommand(rap, 'publish', 'publish your csv in place of a report', [
      'rap publish --id RMAMR01 --participant B09901 --date 2021-07-23 --time 2030 margin.csv',
      'rap publish --id RPF01 --participant COMMON --date 2021-07-23 --time 2100 imrpf.csv',
    ]).addHelpText(
      'after',
      '\nThe file may have 256 MiB, or what the harness was started with: up --limit rapCsvBytes=SIZE.',
    ),
  )
    .addOption(
      new Option('--folder <folder>', 'default: INBOX, COMMON or RPF, as the report is').choices([
        'INBOX',
        'COMMON',
        'RPF',
      ]),
    )
    .argument('<file>')
    .action(async (file: string, { folder, ...flags }: PlaceFlags) => {
      const csv = await streamUserFile(file, flags.json);
      const request = { ...placeOf(flags), csv, ...(folder ? { folder } : {}) };
      printAnswer(context, flags.json, await connect(flags, context).publishRapCsv(request), ({ files }) =>
        filesText(files),
      );
    });

  placed(
    steeringCommand(rap, 'withdraw', 'withdraw your csv and restore the report', [
      'rap withdraw --id RMAMR01 --participant B09901 --date 2021-07-23 --time 2030',
    ]),
  ).action(async (flags: PlaceFlags) => {
    printAnswer(
      context,
      flags.json,
      await connect(flags, context).withdrawRapPackage(placeOf(flags)),
      ({ files, restored }) =>
        `${files.map(({ name }) => name).join(', ')}: ${restored ? 'restored as the centre made them' : 'gone'}`,
    );
  });
}

function addKeys(rap: Command, context: CliContext): void {
  const keys = steeringCommand(rap, 'keys', "RAP users' public keys", ['rap keys', 'rap keys --participant B09901']);
  keys
    .option('--participant <id>', "one participant's only")
    .action(async ({ participant, ...flags }: SteerFlags & { participant?: string }) => {
      const answer = await connect(flags, context).rapKeys(participant === undefined ? {} : { participant });
      printAnswer(context, flags.json, answer, ({ keys }) => (keys.length === 0 ? 'no key yet' : keysText(keys)));
    });
  steeringCommand(keys, 'add', "register a public key; the participant's other keys stay valid", [
    'rap keys add --participant B09901 id_ed25519.pub',
    'rap keys add --participant B09901 --from 2021-07-24T16:30 --until 2021-08-31 new.pub',
  ])
    .requiredOption('--participant <id>', 'whose key it is')
    .option('--from <time>', 'valid from (default: now)')
    .option('--until <time>', 'valid until, exclusive (default: no end)')
    .argument('<file>', 'a .pub file')
    .action(async (file: string, { participant, from, until, ...flags }: KeyFlags) => {
      const publicKey = await readUserText(file, flags.json);
      const request = { participant, publicKey, ...(from ? { from } : {}), ...(until ? { until } : {}) };
      printAnswer(context, flags.json, await connect(flags, context).addRapKey(request), (key) => keysText([key]));
    });
  steeringCommand(keys, 'withdraw', 'withdraw a public key', [
    'rap keys withdraw --participant B09901 SHA256:ur7tOFLrxVZH0oDXBGQMCPBrmOVWYr4wmrINCjzSRA8',
  ])
    .requiredOption('--participant <id>', 'whose key it is')
    .argument('<fingerprint>', 'as `rap keys` and ssh-keygen -lf show it')
    .action(async (fingerprint: string, { participant, ...flags }: SteerFlags & { participant: string }) => {
      const answer = await connect(flags, context).withdrawRapKey({ participant, fingerprint });
      printAnswer(
        context,
        flags.json,
        answer,
        (key) => `withdrawn: ${key.algorithm} ${key.fingerprint} of ${key.participant}`,
      );
    });
}

interface KeyFlags extends SteerFlags {
  readonly participant: string;
  readonly from?: string;
  readonly until?: string;
}

/** The options that name the place. */
function placed(command: Command): Command {
  return command
    .requiredOption('--id <id>', 'report ID')
    .requiredOption('--participant <id>', 'participant ID, or COMMON')
    .requiredOption('--date <date>', 'business date, such as 2021-07-23')
    .requiredOption('--time <hhmm>', 'snapshot of the run, such as 2030');
}

function placeOf({ id, participant, date, time }: PlaceFlags) {
  return { id, participant, businessDate: date, snapshot: time };
}

function keysText(keys: readonly RapKey[]): string {
  const rows = keys.map(({ participant, algorithm, bits, fingerprint, from, until, comment }) => [
    participant,
    algorithm,
    bits,
    fingerprint,
    formatHkt(from),
    until === null ? '-' : formatHkt(until),
    comment,
  ]);
  return table(['participant', 'kind', 'bits', 'fingerprint', 'from', 'until', 'comment'], rows);
}

function filesText(files: readonly RapFile[]): string {
  const rows = files.map(({ participant, folder, businessDate, name, publishedAt, sizeBytes }) => [
    participant,
    folder,
    businessDate,
    formatHkt(publishedAt),
    sizeBytes,
    name,
  ]);
  return table(['participant', 'folder', 'business date', 'published', 'bytes', 'file'], rows);
}
