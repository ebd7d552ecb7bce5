import { constants } from 'node:os';
import type { Command } from 'commander';
import { isRefusal, type Refusal } from '../domain/refusal.ts';
import type { HarnessOptions } from '../harness/options.ts';
import { clientUsersOf } from '../rehearsal/client-users.ts';
import type { RehearseResult } from '../rehearsal/rehearse.ts';
import { PASSING } from './config.ts';
import { FAILED } from './exit-codes.ts';
import { start, startOptions, withChildEnvironment, withStartOptions } from './start.ts';
import { Ended, tell, type World } from './world.ts';

interface RehearseFlags {
  readonly with?: string;
  readonly json?: boolean;
}

export function addRehearse(program: Command, world: World): void {
  withStartOptions(
    program
      .command('rehearse')
      .description("start a harness and play a rehearsal's days in compressed time, every task of every session"),
  )
    .argument('[id]', 'rehearsal to play: an ID, or a file of your own', '2021-07-24')
    .option('--with <command>', "play the client's part with this shell command in place of the reference participant")
    .option('--json', 'print the result as JSON; what is done goes to standard error')
    .addHelpText('after', HELP)
    .action(async (id: string, flags: RehearseFlags, command: Command) => {
      const options = { ...startOptions(command, world, PASSING), rehearsal: id };
      const result = await play(options, flags, world);
      tell(world, flags.json, result, ({ done, failed }) => `${done} tasks done, ${failed} failed`);
      if (!isRefusal(result) && result.failed > 0) throw new Ended(FAILED);
    });
}

/** Starts a harness of its own for the rehearsal and ends it after. A signal ends both. */
async function play(options: HarnessOptions, flags: RehearseFlags, world: World): Promise<RehearseResult | Refusal> {
  const { loadFixtures } = await import('../loading/loading.ts');
  const { rehearsal, market, layouts, reports, stress } = options;
  const fixtures = await loadFixtures({
    ...(rehearsal === undefined ? {} : { rehearsal }),
    ...(market === undefined ? {} : { market }),
    ...(layouts === undefined ? {} : { layouts }),
    ...(reports === undefined ? {} : { reports }),
    ...(stress === undefined ? {} : { stress }),
  });
  const stop = new AbortController();
  await using harness = await start(options, world);
  const knownHosts = await harness.rap.knownHosts();
  const deaf = world.onSignal((signal) => stop.abort(new Ended(128 + constants.signals[signal])));
  const clientUsers = clientUsersOf(fixtures, { password: harness.demo.password, rap: harness.rap });
  const { line, sftp } = harness.addresses;
  const common = {
    ...{ control: harness.control, line, sftp, ca: harness.ca, knownHosts, clientUsers },
    ...{ rehearsal: fixtures.rehearsal, holidays: fixtures.holidays, layouts: fixtures.layouts },
    print: flags.json ? world.complain : world.print,
    signal: stop.signal,
  };
  try {
    const { with: command } = flags;
    if (command === undefined) return await world.rehearse(common);
    return await withChildEnvironment(harness, (extra) =>
      world.rehearse({ ...common, with: { command, environment: { ...world.environment, ...extra } } }),
    );
  } finally {
    deaf();
  }
}

const HELP = `
Ends with 1 if a task failed. The reference participant plays the makers of the market, and of clearing participants the RAP
and ORP Online users; their password has to be the demo password of \`up\`. With --with, the command is run once in each session
while market time stands still, and its exit code counts: it finds CCASS_HARNESS_LINE, _PRIMARY, _BACKUP, _SFTP, _SFTP_PRIMARY,
_SFTP_BACKUP, _ADMIN, _CA, _KNOWN_HOSTS, _RAP_KEY, _TOKEN and _SESSION (the session's ID) in its environment.

Examples:
  rehearse
  rehearse 2021-07-31 --seed 7
  rehearse ./my-rehearsal.json
  rehearse --with 'node my-client.js'`;
