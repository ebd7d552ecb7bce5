import type { Command } from 'commander';
import { remoteControl } from '../client/remote-control.ts';
import type { Control } from '../control/control.ts';
import { steering } from './config.ts';
import type { World } from './world.ts';

export interface SteerFlags {
  readonly admin?: string;
  readonly token?: string;
  readonly json?: boolean;
}

/** A command that talks to a harness that runs already: which one, and for whom its answer is printed. */
export function steeringCommand(
  parent: Command,
  name: string,
  description: string,
  examples: readonly string[],
): Command {
  return parent
    .command(name)
    .description(description)
    .option('--admin <url>', 'where the harness answers (default: CCASS_HARNESS_ADMIN, else http://127.0.0.1:7080)')
    .option('--token <token>', 'needed from another machine (default: CCASS_HARNESS_TOKEN)')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', `\nExamples:\n${examples.map((example) => `  ${example}`).join('\n')}`);
}

export function connect(flags: SteerFlags, world: World): Control {
  return remoteControl(steering(flags, world.environment));
}
