import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ClockAnswer, HarnessState, SwitchAnswer } from '../control/answers.ts';
import type { ControlRequest } from '../control/control.ts';
import { formatHkt } from '../domain/calendar/calendar.ts';
import { nearest } from '../domain/nearest.ts';
import { type Broadcast, CENTRE_NAMES } from '../domain/nouns/market.ts';
import type { Report } from '../domain/nouns/reports.ts';
import { modeOf, openingOf } from './banner.ts';
import { type CliContext, printAnswer, table } from './cli-context.ts';
import { addCustomReports } from './custom-reports.ts';
import { durationMs, durationText } from './durations.ts';
import { connect, type SteerFlags, steeringCommand } from './steering.ts';

/** The commands that control a running harness: one call of Control each. */
export function addSteering(program: Command, context: CliContext): void {
  steeringCommand(program, 'ready', 'exit with 0 if a harness answers, else with 4', [
    'ready',
    'ready --port-base 7100',
  ]).action(async (flags: SteerFlags) => {
    const state = await connect(flags, context).state({});
    printAnswer(
      context,
      flags.json,
      state,
      (ready) => `ready: ${ready.market.hongKong}, the ${ready.active} centre is active`,
    );
  });

  steeringCommand(program, 'state', 'what runs: market time, both centres, the next opening', [
    'state',
    'state --json',
  ]).action(async (flags: SteerFlags) =>
    printAnswer(context, flags.json, await connect(flags, context).state({}), stateText),
  );

  addClock(program, context);

  addSwitching(program, context);
  addRegistration(program, context);
  addBroadcast(program, context);
  addReports(program, context);
}

function addSwitching(program: Command, context: CliContext): void {
  steeringCommand(program, 'failover', 'switch the active data centre', [
    'failover --to backup              ships everything first and loses nothing',
    'failover --to backup --mode cut   switches at once and lists what the lag lost',
  ])
    .addOption(centreOption('--to <centre>', 'the centre to make active (needed)'))
    .addOption(new Option('--mode <mode>', 'default: drain').choices(['drain', 'cut']))
    // Not in the usage: it is only here to say where a centre belongs.
    .addArgument(program.createArgument('[centre]', '').argOptional())
    .usage('--to <centre> [options]')
    .action(
      async (
        centre: string | undefined,
        { to, mode, ...flags }: SteerFlags & Partial<ControlRequest<'failover'>>,
        command: Command,
      ) => {
        if (to === undefined || centre !== undefined) return command.error(failoverUsage(centre ?? ''));
        const answer = await connect(flags, context).failover({ to, ...(mode ? { mode } : {}) });
        printAnswer(context, flags.json, answer, switchText);
      },
    );

  steeringCommand(program, 'lag', 'set the replication lag', ['lag 0ms', 'lag 5m'])
    .argument('<duration>', 'of market time, such as 1500ms or 5m', durationMs)
    .action(async (lagMs: number, flags: SteerFlags) =>
      printAnswer(
        context,
        flags.json,
        await connect(flags, context).lag({ lagMs }),
        (lag) => `lag ${lag.lagMs} ms, ${lag.behind} commits behind`,
      ),
    );

  steeringCommand(program, 'books', 'a digest of the books of each centre, and whether they are equal', [
    'books',
    'books --json',
  ]).action(async (flags: SteerFlags) =>
    printAnswer(
      context,
      flags.json,
      await connect(flags, context).books({}),
      ({ equal, centres: { primary, backup } }) =>
        [
          ...[['primary', primary] as const, ['backup', backup] as const].map(
            ([name, { position, digest }]) => `${name.padEnd(8)} ${position.epoch}:${position.index}  ${digest}`,
          ),
          equal ? 'equal' : 'not equal: see the lag (state), or wait until it has passed',
        ].join('\n'),
    ),
  );
}

function addRegistration(program: Command, context: CliContext): void {
  steeringCommand(program, 'registration', 'who takes part in the rehearsal', [
    'registration',
    'registration --add B09903',
    'registration --remove B09903',
  ])
    .addOption(new Option('--add <participant>', 'register a participant').conflicts('remove'))
    .option('--remove <participant>', 'cancel the registration')
    .action(async ({ add, remove, ...flags }: SteerFlags & { add?: string; remove?: string }) => {
      const participant = add ?? remove;
      const control = connect(flags, context);
      const answer =
        participant === undefined
          ? await control.registration({})
          : await control.register({ participant, registered: add !== undefined });
      printAnswer(context, flags.json, answer, ({ rehearsal, by, policy, registered, notRegistered, warnings }) =>
        [
          `rehearsal ${rehearsal}: registration ${by ? `until ${by}` : 'without a last day'}; the unregistered are ${policy === 'deny' ? 'refused' : 'warned'}`,
          `registered      ${registered.join(' ') || '-'}`,
          `not registered  ${notRegistered.join(' ') || '-'}`,
          ...warnings.map(({ en, zh }) => `warning: ${en}\n${zh}`),
        ].join('\n'),
      );
    });
}

function addBroadcast(program: Command, context: CliContext): void {
  steeringCommand(program, 'broadcast', 'send a broadcast message to all participants', [
    'broadcast --kind activation --subject "Backup centre activated" --text "Log on again."',
    'broadcast --subject Test --subject-zh 測試 --text "A test" --text-zh 一個測試',
  ])
    .requiredOption('--subject <text>', 'in English')
    .requiredOption('--text <text>', 'in English')
    .option('--subject-zh <text>', 'in Chinese (default: the English)')
    .option('--text-zh <text>', 'in Chinese (default: the English)')
    .addOption(
      new Option('--kind <kind>', 'default: notice').choices([
        'activation',
        'extension',
        'postponement',
        'final-run',
        'notice',
      ]),
    )
    .action(
      async ({ subject, text, subjectZh = subject, textZh = text, kind, ...flags }: SteerFlags & BroadcastFlags) => {
        const words = { subject: { en: subject, zh: subjectZh }, text: { en: text, zh: textZh } };
        const answer = await connect(flags, context).broadcast({ ...words, ...(kind ? { kind } : {}) });
        printAnswer(
          context,
          flags.json,
          answer,
          (sent) => `${sent.number} sent at ${formatHkt(sent.at, 'seconds')}: ${sent.kind}: ${sent.subject.en}`,
        );
      },
    );
}

function addReports(program: Command, context: CliContext): void {
  const reports = steeringCommand(program, 'reports', 'every report in the active centre; publish yours', [
    'reports',
    'reports --participant B09901',
    'reports publish --id CIPSI02 --participant B09901 --date 2021-07-23 isi.txt',
  ]);
  reports
    .option('--participant <id>', "one participant's only")
    .action(async ({ participant, ...flags }: SteerFlags & { participant?: string }) => {
      const answer = await connect(flags, context).reports(participant === undefined ? {} : { participant });
      printAnswer(context, flags.json, answer, ({ reports }) =>
        reports.length === 0 ? 'no report yet' : reportsText(reports),
      );
    });
  addCustomReports(reports, context);
}

interface BroadcastFlags {
  readonly subject: string;
  readonly text: string;
  readonly subjectZh?: string;
  readonly textZh?: string;
  readonly kind?: Broadcast['kind'];
}

function addClock(program: Command, context: CliContext): void {
  const clock = steeringCommand(program, 'clock', 'market time: show it, freeze it, run it, move it forward', [
    'clock',
    'clock freeze',
    'clock run 60',
    'clock set 2021-07-24T16:30',
    'clock advance 15m',
    'clock advance-to next-opening',
  ]).action(async (flags: SteerFlags) =>
    printAnswer(
      context,
      flags.json,
      await connect(flags, context).state({}),
      ({ market }) => `${market.hongKong}, ${modeOf(market)}`,
    ),
  );
  const move = async (flags: SteerFlags, request: ControlRequest<'clock'>) =>
    printAnswer(context, flags.json, await connect(flags, context).clock(request), clockText);

  steeringCommand(clock, 'freeze', 'stop market time', ['clock freeze']).action((flags: SteerFlags) =>
    move(flags, { freeze: true }),
  );
  steeringCommand(clock, 'run', 'let market time run', ['clock run', 'clock run 60   a minute a second'])
    .argument('[rate]', 'market seconds per second', positive, 1)
    .action((rate: number, flags: SteerFlags) => move(flags, { rate }));
  steeringCommand(clock, 'set', 'move market time forward to an instant', [
    'clock set 2021-07-24T16:30       Hong Kong time',
    'clock set 2021-07-24T08:30:00Z   ISO time with a zone',
  ])
    .argument('<time>')
    .action((set: string, flags: SteerFlags) => move(flags, { set }));
  steeringCommand(clock, 'advance', 'move market time forward by a duration', [
    'clock advance 90s',
    'clock advance 1h30m',
  ])
    .argument('<duration>', '90s, 15m, 2h, 1d', durationMs)
    .action((advanceMs: number, flags: SteerFlags) => move(flags, { advanceMs }));
  steeringCommand(clock, 'advance-to', 'move market time forward to the next event', ['clock advance-to next-opening'])
    .addArgument(clock.createArgument('<event>').choices(['next-opening', 'next-closing', 'next-event']))
    .action((advanceTo: 'next-opening' | 'next-closing' | 'next-event', flags: SteerFlags) =>
      move(flags, { advanceTo }),
    );
}

function failoverUsage(centre: string): string {
  const [near] = nearest(centre, CENTRE_NAMES);
  const which = near ? `failover --to ${near}` : CENTRE_NAMES.map((name) => `failover --to ${name}`).join(' or ');
  return `error: name the centre that is to be active with --to: ${which}`;
}

const centreOption = (flag: string, help: string) => new Option(flag, help).choices(CENTRE_NAMES);

function positive(text: string): number {
  const number = Number(text);
  if (!(number > 0 && number <= 100_000)) throw new InvalidArgumentError('Write a number above 0, at most 100000.');
  return number;
}

export function stateText(state: HarnessState): string {
  const centres = CENTRE_NAMES.map((name) => {
    const { active, url, position, sessions, connections, instructions, batchesUnderWay } = state.centres[name];
    return [
      name,
      active ? 'active' : 'standby',
      url,
      sessions,
      connections,
      instructions,
      batchesUnderWay,
      `${position.epoch}:${position.index}`,
    ];
  });
  return [
    `${state.product} ${state.version}   SIMULATED   rehearsal ${state.rehearsal}   seed ${state.seed}`,
    `market time  ${state.market.hongKong}, ${modeOf(state.market)}`,
    `             ${openingOf(state)}`,
    `line         ${state.line} leads to the ${state.active} (epoch ${state.epoch})`,
    `replication  lag ${state.lagMs} ms, ${state.behind} commits behind`,
    '',
    table(['centre', '', 'address', 'sessions', 'connections', 'instructions', 'batches', 'position'], centres),
  ].join('\n');
}

function clockText({ hongKong, fired, behindMs, ...market }: ClockAnswer): string {
  const alarms = fired.map((alarm) => `  ${alarm.hongKong}  ${alarm.name}`);
  const behind = behindMs > 0 ? [`  due work had held it back by ${durationText(behindMs)}; it is done now`] : [];
  return [`${hongKong}, ${modeOf({ hongKong, ...market })}`, ...behind, ...alarms].join('\n');
}

function switchText(answer: SwitchAnswer): string {
  const { from, to, mode, epoch, at, shipped, lost, lostBatches, endedSessions } = answer;
  const lines = [
    `${from} -> ${to} (${mode}) at ${formatHkt(at, 'seconds')}, epoch ${epoch}`,
    `${shipped} commits shipped by the switch, ${endedSessions} sessions ended, ${lost.length} changes lost`,
  ];
  if (lost.length > 0) {
    const rows = lost.map((change) => [
      `${change.epoch}:${change.index}`,
      formatHkt(change.at, 'seconds'),
      change.table,
      change.key,
    ]);
    lines.push('', table(['lost', 'made at', 'table', 'key'], rows));
  }
  if (lostBatches.length > 0) lines.push('', `batches to send again: ${lostBatches.join(' ')}`);
  return lines.join('\n');
}

function reportsText(reports: readonly Report[]): string {
  const heading = ['reference', 'report', 'participant', 'business date', 'available', 'bytes', 'file'];
  const rows = reports.map((report) => [
    report.reference,
    report.id,
    report.participant,
    report.businessDate,
    formatHkt(report.availableAt),
    report.sizeBytes,
    report.notMade ? `not made: ${report.notMade.en}` : report.fileName,
  ]);
  return table(heading, rows);
}
