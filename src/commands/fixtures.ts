import { type Command, InvalidArgumentError } from 'commander';
import { DEMO_PASSWORD } from '../domain/access/demo.ts';
import { isMarketDate } from '../domain/calendar/calendar.ts';
import type { CliContext } from './cli-context.ts';
import { progressReporter } from './progress.ts';

interface Flags {
  readonly seed: number;
  readonly participants: number;
  readonly instructions: number;
  readonly stocks: number;
  readonly date: string;
  readonly force?: true;
}

/** IDs and codes have five digits, SI numbers eight. */
const MAX = { participants: 9_000, stocks: 9_000, instructions: 10_000_000 };

/** `fixtures generate`: a market of any size for `--market`. */
export function addFixtures(program: Command, context: CliContext): void {
  const fixtures = program
    .command('fixtures')
    .description('market folders for --market')
    .addHelpText('after', '\nExamples:\n  fixtures generate --participants 30 --instructions 10000 ./market');
  fixtures
    .command('generate')
    .description('write a market of any size: the same files for the same seed')
    .argument('<dir>', 'the folder to write; must be empty or missing')
    .requiredOption('--participants <number>', "how many participants, the package's first", upTo(MAX.participants))
    .requiredOption('--instructions <number>', 'how many settlement instructions', upTo(MAX.instructions))
    .option('--stocks <number>', "how many stocks, the package's first", upTo(MAX.stocks), 200)
    .option('--seed <number>', 'seed of all chance', upTo(2 ** 32 - 1), 1)
    .option('--date <date>', 'the market date for which it is made', parseDate, '2021-07-26')
    .option('--force', 'write into a folder that is not empty')
    .addHelpText('after', EXAMPLES)
    .action(async (folder: string, flags: Flags) => generate(folder, flags, context));
}

async function generate(folder: string, { force, ...sizes }: Flags, context: CliContext): Promise<void> {
  const { generateMarket } = await import('../loading/generate/generate.ts');
  const reportProgress = progressReporter(context);
  const onShare = (share: number) => reportProgress('writing instructions', share);
  await generateMarket({ ...sizes, folder, force: force === true, password: DEMO_PASSWORD, onShare });
  const { participants, stocks, instructions, seed, date } = sizes;
  const count = (number: number, what: string) => `${number.toLocaleString('en')} ${what}`;
  const parts = [count(participants, 'participants'), count(stocks, 'stocks'), count(instructions, 'instructions')];
  context.print(`${folder}: ${parts.join(', ')} of seed ${seed}`);
  context.print(`start it: ${context.invocation} up --market ${folder} --at ${date}T09:00`);
}

function upTo(most: number): (text: string) => number {
  return (text) => {
    const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (number <= most) return number;
    throw new InvalidArgumentError(`Expected a whole number from 0 to ${most}.`);
  };
}

function parseDate(text: string): string {
  if (isMarketDate(text)) return text;
  throw new InvalidArgumentError('Expected a date such as 2021-07-26.');
}

const EXAMPLES = `
The package's participants and stocks stay, so every example still works; every user has the demo password. Eight in ten
instructions find their match; some lack their counterparty, some lack the stock. Start the market on its date:
later, its settlement dates are in the past.

Examples:
  fixtures generate --participants 30 --instructions 10000 ./market
  fixtures generate --seed 7 --participants 600 --stocks 2000 --instructions 1000000 ./large
  up --market ./large --at 2021-07-26T09:00`;
