import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { FixturesRefused, loadFixtures, problemText } from '../../src/loading/loading.ts';

const FIXTURES = join(import.meta.dirname, '..', '..', 'fixtures');
const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

type Rows = readonly Record<string, unknown>[];
type Content = Readonly<Record<string, unknown>>;
/** Changes the first row of a list, or several from the first on. */
const rows =
  (list: string, ...more: readonly Content[]) =>
  (content: Content) => ({
    ...content,
    [list]: (content[list] as Rows).map((row, i) => ({ ...row, ...more[i] })),
  });

/** The problems of a market folder with one file of the package's, changed; `orp/` names those of the risk platform. */
async function problemsOf(name: string, change: (content: Content) => unknown): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'large-figures-'));
  folders.push(folder);
  await mkdir(join(folder, 'orp'));
  const file = join(FIXTURES, name.startsWith('orp/') ? '' : 'market', name);
  const content = change(JSON.parse(await readFile(file, 'utf8')) as Content);
  await writeFile(join(folder, name), JSON.stringify(content));
  try {
    await loadFixtures({ market: folder });
    return [];
  } catch (error) {
    if (!(error instanceof FixturesRefused)) throw error;
    return error.problems.map((problem) => problemText(problem).replaceAll(`${folder}/`, ''));
  }
}

const SHARES = 999_999_999_999;
const CENTS = 999_999_999_999_999;
const PRICE = 999_999_999_999;
const MINUTES = 36_500 * 24 * 60;
const money = (cents: number) => rows('ledgers', { balancesCents: { settlement: cents } });

/** File, the row that is refused, the largest value, and the content with a value there. */
const BOUNDS: readonly (readonly [string, string, number, (value: number) => (content: Content) => unknown])[] = [
  ['holdings.json', 'holdings[0].quantity', SHARES, (n) => rows('holdings', { quantity: n })],
  ['stocks.json', 'stocks[0].priceMilli', PRICE, (n) => rows('stocks', { priceMilli: n, boardLot: 1 })],
  ['stocks.json', 'stocks[0].boardLot', SHARES, (n) => rows('stocks', { boardLot: n, priceMilli: 1 })],
  ['money.json', 'ledgers[0].balancesCents.settlement', CENTS, money],
  ['due-positions.json', 'duePositions[0].quantity', SHARES, (n) => rows('duePositions', { quantity: n })],
  ['due-positions.json', 'duePositions[0].amountCents', CENTS, (n) => rows('duePositions', { amountCents: n })],
  ['users.json', 'users[0].inputLimitHkdCents', CENTS, (n) => rows('users', { inputLimitHkdCents: n })],
  ['access.json', 'lockMinutes', MINUTES, (n) => (content) => ({ ...content, lockMinutes: n })],
  ['access.json', 'passwordDays', 36_500, (n) => (content) => ({ ...content, passwordDays: n })],
  ['orp/trades.json', 'trades[0].amountCents', CENTS, (n) => rows('trades', { amountCents: n })],
  ['orp/trades.json', 'trades[0].quantity', SHARES, (n) => rows('trades', { quantity: n })],
  ['orp/pledges.json', 'pledges[0].quantity', SHARES, (n) => rows('pledges', { quantity: n })],
  ['orp/pledges.json', 'pledges[0].amountCents', CENTS, (n) => rows('pledges', { amountCents: n })],
];

test.each(BOUNDS)('%s: %s is at most %i', async (name, place, most, withValue) => {
  expect(await problemsOf(name, withValue(most))).toEqual([]);
  const problems = await problemsOf(name, withValue(most + 1));
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(
    new RegExp(`^${name}: ${place.replaceAll(/[[\].]/g, '\\$&')}: got ${most + 1}, expected `),
  );
});

test('a debit is bounded like a credit', async () => {
  expect(await problemsOf('money.json', money(-CENTS))).toEqual([]);
  expect(await problemsOf('money.json', money(-CENTS - 1))).toEqual([
    `money.json: ledgers[0].balancesCents.settlement: got ${-CENTS - 1}, expected at least ${-CENTS}`,
  ]);
});

test('a board lot that no instruction could pay for', async () => {
  const [problem = '', ...more] = await problemsOf(
    'stocks.json',
    rows('stocks', { boardLot: 10_001, priceMilli: PRICE }),
  );
  expect(more).toEqual([]);
  expect(problem).toMatch(/^stocks\.json: stocks\[0\]\.boardLot: got 10001, expected at most 10000 at a price of/);
});

test('holdings of one stock that only together are more than a number holds: the first that is too much', async () => {
  const accounts = Array.from({ length: 9_100 }, (_, n) => String(n).padStart(4, '0'));
  const folder = await mkdtemp(join(tmpdir(), 'large-figures-'));
  folders.push(folder);
  const origin = { status: 'assumed', source: 'a test' };
  const participant = 'B09901';
  const name = { en: 'Account', zh: '戶口' };
  const holding = { participant, stock: '00005', quantity: SHARES };
  await writeFile(
    join(folder, 'accounts.json'),
    JSON.stringify({ ...origin, accounts: accounts.map((id) => ({ participant, id, name })) }),
  );
  await writeFile(
    join(folder, 'holdings.json'),
    JSON.stringify({ ...origin, holdings: accounts.map((account) => ({ ...holding, account })) }),
  );
  const error = await loadFixtures({ market: folder }).catch((reason: unknown) => reason);
  if (!(error instanceof FixturesRefused)) throw new Error('not refused');
  const whole = Math.floor(Number.MAX_SAFE_INTEGER / SHARES);
  expect(error.problems[0]?.path).toBe(`holdings[${whole}].quantity`);
  expect(error.problems[0]?.expected).toContain('all holdings of 00005 together are at most 9007199254740991 shares');
});

test('trades whose due position would be more than a number holds', async () => {
  const problems = await problemsOf('orp/trades.json', (content) => {
    const [trade] = content.trades as Rows;
    return { ...content, trades: Array.from({ length: 12 }, () => ({ ...trade, amountCents: CENTS })) };
  });
  expect(problems.map((problem) => problem.replace(/: got .*expected/, ': expected'))).toEqual(
    [9, 10, 11].map(
      (n) =>
        `orp/trades.json: trades[${n}]: expected a due position of at most 9007199254740991 shares and cents with it`,
    ),
  );
});
