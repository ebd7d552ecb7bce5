import type { Command } from 'commander';
import { remoteControl } from '../client/remote-control.ts';
import type { Control } from '../control/control.ts';
import { isRefusal } from '../domain/refusal.ts';
import { type AdminFlags, adminAccess } from './admin-access.ts';
import type { CliContext } from './cli-context.ts';
import { DEFAULT_BASE } from './ports.ts';

export interface SteerFlags extends AdminFlags {
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
    .option('--admin <url>', 'where the harness is steered (default: by --port-base, else CCASS_HARNESS_ADMIN)')
    .option(
      '--port-base <port>',
      `the port base that it was started with (default: CCASS_HARNESS_PORT_BASE, else ${DEFAULT_BASE})`,
    )
    .option('--token <token>', 'needed from another machine (default: CCASS_HARNESS_TOKEN)')
    .option('--json', 'print the answer as JSON')
    .hook('preAction', inherit)
    .addHelpText('after', `\nExamples:\n${examples.map((example) => `  ${example}`).join('\n')}`);
}

/** `clock --port-base 7100 freeze` means the same as `clock freeze --port-base 7100`, and never another harness. */
function inherit(group: Command, command: Command): void {
  for (const name of ['admin', 'portBase', 'token', 'json']) {
    const value: unknown = group.getOptionValue(name);
    if (value !== undefined && command.getOptionValue(name) === undefined) command.setOptionValue(name, value);
  }
}

/** Control of the harness that the flags name. Unless that is the default one, the first call says which it found. */
export function connect(flags: SteerFlags, context: CliContext): Control {
  const { by, ...access } = adminAccess(flags, context.environment);
  const control = remoteControl(access);
  if (by === null) return control;
  return afterFirst(control, async () => {
    const state = await control.state({});
    if (isRefusal(state)) return;
    const { rehearsal, seed, market } = state;
    context.printError(
      `steering the harness at ${access.url} (by ${by}): rehearsal ${rehearsal}, seed ${seed}, ${market.hongKong}`,
    );
  });
}

/** Control whose first call waits for `first`. */
function afterFirst({ follow, ...operations }: Control, first: () => Promise<void>): Control {
  let done: Promise<void> | undefined;
  const after = () => (done ??= first());
  const later = Object.entries(operations).map(([name, operation]) => [
    name,
    async (request: never) => {
      await after();
      return operation(request);
    },
  ]);
  return {
    ...Object.fromEntries(later),
    async *follow(filter, signal) {
      await after();
      yield* follow(filter, signal);
    },
  };
}
