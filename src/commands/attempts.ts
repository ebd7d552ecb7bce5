import type { Command } from 'commander';
import type { SnapshotAnswer } from '../control/answers.ts';
import type { CliContext } from './cli-context.ts';
import { printAnswer, table } from './cli-context.ts';
import { stateText } from './steer.ts';
import { connect, type SteerFlags, steeringCommand } from './steering.ts';

/** The commands that begin a new attempt, and those of its snapshots. */
export function addAttempts(program: Command, context: CliContext): void {
  steeringCommand(program, 'reset', 'return to the start of the run: books, clock, lag, active centre, registration', [
    'reset',
    'reset --port-base 7100',
  ]).action(async (flags: SteerFlags) =>
    printAnswer(context, flags.json, await connect(flags, context).reset({}), stateText),
  );

  steeringCommand(program, 'snapshot', 'keep books, clock, lag and registration under a name', [
    'snapshot before-upload',
  ])
    .argument('<name>', 'of small letters, digits and hyphens, at most 40')
    .action(async (name: string, flags: SteerFlags) =>
      printAnswer(
        context,
        flags.json,
        await connect(flags, context).snapshot({ name }),
        (taken) => `snapshot ${taken.name}: ${taken.hongKong}, the ${taken.active} centre is active`,
      ),
    );

  steeringCommand(program, 'restore', 'return to a snapshot', ['restore before-upload'])
    .argument('<name>')
    .action(async (name: string, flags: SteerFlags) =>
      printAnswer(context, flags.json, await connect(flags, context).restore({ name }), stateText),
    );

  steeringCommand(program, 'snapshots', 'the snapshots; remove one', ['snapshots', 'snapshots --remove before-upload'])
    .option('--remove <name>', 'remove this one')
    .action(async ({ remove, ...flags }: SteerFlags & { remove?: string }) => {
      const control = connect(flags, context);
      if (remove === undefined) {
        const answer = await control.snapshots({});
        return printAnswer(context, flags.json, answer, ({ snapshots }) => snapshotsText(snapshots));
      }
      const answer = await control.removeSnapshot({ name: remove });
      return printAnswer(context, flags.json, answer, ({ name }) => `snapshot ${name} removed`);
    });
}

function snapshotsText(snapshots: readonly SnapshotAnswer[]): string {
  if (snapshots.length === 0) return 'no snapshot yet: snapshot NAME takes one';
  const rows = snapshots.map(({ name, hongKong, active, position, sizeBytes }) => [
    name,
    hongKong,
    active,
    `${position.epoch}:${position.index}`,
    sizeBytes,
  ]);
  return table(['name', 'market time', 'active', 'position', 'bytes'], rows);
}
