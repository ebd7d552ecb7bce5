import type { Command } from 'commander';
import { remoteControl } from '../client/remote-control.ts';
import type { Control } from '../control/control.ts';
import type { CliContext } from './cli-context.ts';
import { adminAccess } from './config.ts';

export interface SteerFlags {
  readonly admin?: string;
  readonly token?: string;
  readonly json?: boolean;
}

/** A command that controls a running harness, with the options for its address and for JSON output. */
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

export function connect(flags: SteerFlags, context: CliContext): Control {
  return remoteControl(adminAccess(flags, context.environment));
}
