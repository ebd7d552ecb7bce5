import { type Command, InvalidArgumentError } from 'commander';
import { isMarketDate } from '../domain/calendar/calendar.ts';
import { progressTeller } from './progress.ts';
import type { World } from './world.ts';

interface Flags {
  readonly seed: number;
  readonly participants: number;
  readonly instructions: number;
  readonly stocks: number;
  readonly date: string;
  readonly force?: true;
}

/** IDs and codes have five digits, SI numbers eight. */
const MOST = { participants: 9_000, stocks: 9_000, instructions: 10_000_000 };

/** `fixtures generate`: a market of any size for `--market`. */
export function addFixtures(program: Command, world: World): void {
  const fixtures = program
    .command('fixtures')
    .description('market folders for --market')
    .addHelpText('after', '\nExamples:\n  fixtures generate --participants 30 --instructions 10000 ./market');
  fixtures
    .command('generate')
    .description('write a market of any size: the same files for the same seed')
    .argument('<dir>', 'the folder to write; it must be empty or missing')
    .requiredOption(
      '--participants <number>',
      "how many participants, the package's own first",
      upTo(MOST.participants),
    )
    .requiredOption('--instructions <number>', 'how many settlement instructions', upTo(MOST.instructions))
    .option('--stocks <number>', "how many stocks, the package's own first", upTo(MOST.stocks), 200)
    .option('--seed <number>', 'seed of all chance', upTo(2 ** 32 - 1), 1)
    .option('--date <date>', 'the market date for which it is made', aDate, '2021-07-26')
    .option('--force', 'write into a folder that holds files already')
    .addHelpText('after', EXAMPLES)
    .action(async (folder: string, flags: Flags) => generate(folder, flags, world));
}

async function generate(folder: string, { force, ...sizes }: Flags, world: World): Promise<void> {
  const { generateMarket } = await import('../loading/generate/generate.ts');
  const tell = progressTeller(world);
  const onShare = (share: number) => tell('writing instructions', share);
  await generateMarket({ ...sizes, folder, force: force === true, password: DEMO_PASSWORD, onShare });
  const { participants, stocks, instructions, seed, date } = sizes;
  const count = (number: number, what: string) => `${number.toLocaleString('en')} ${what}`;
  const parts = [count(participants, 'participants'), count(stocks, 'stocks'), count(instructions, 'instructions')];
  world.print(`${folder}: ${parts.join(', ')} of seed ${seed}`);
  world.print(`start it: ${world.invocation} up --market ${folder} --at ${date}T09:00`);
}

/** As every user of fixtures/market/users.json has it. */
const DEMO_PASSWORD = 'Rehearsal-2021';

function upTo(most: number): (text: string) => number {
  return (text) => {
    const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (number <= most) return number;
    throw new InvalidArgumentError(`Allowed: a whole number from 0 to ${most}.`);
  };
}

function aDate(text: string): string {
  if (isMarketDate(text)) return text;
  throw new InvalidArgumentError('Allowed: a date such as 2021-07-26.');
}

const EXAMPLES = `
The package's participants and stocks stay, so every example goes on working; every user has the demo password. Eight in ten
instructions find their match; some lack their counterparty, some lack the stock. Start the market on its date, or its
settlement dates are past.

Examples:
  fixtures generate --participants 30 --instructions 10000 ./market
  fixtures generate --seed 7 --participants 600 --stocks 2000 --instructions 1000000 ./large
  up --market ./large --at 2021-07-26T09:00`;
