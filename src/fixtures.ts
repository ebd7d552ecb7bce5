import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { marketDate, parseInstant } from './domain/calendar.ts';
import { type Change, KEY, put } from './domain/change.ts';
import type {
  Currency,
  DuePosition,
  Holding,
  Instant,
  MarketDate,
  MoneyBalance,
  Participant,
  Stock,
  StockAccount,
  User,
  Words,
} from './domain/nouns.ts';
import { isRefusal, type Refusal, refuse } from './domain/refusal.ts';
import { belongsTo, type Rehearsal } from './domain/rehearsal.ts';
import { dailyRuns, type ReportDefinition } from './domain/report-catalogue.ts';
import { type RiskSchedule, riskRunKeys, SEEDED_TRADES } from './domain/risk/risk-schedule.ts';
import type { StressSet } from './domain/risk/stress-test.ts';
import { enterTrades, type NewTrade, type TradeFacts } from './domain/risk/trade.ts';
import type { SettlementRules } from './domain/settlement-rules.ts';
import type { ServiceHours } from './domain/timetable.ts';
import type { MarketRunRow } from './domain/timetable-events.ts';
import { fits } from './fixtures/fits.ts';
import { checkInstructions, type InstructionsFile, type Told } from './fixtures/instructions.ts';
import { readMarket } from './fixtures/market.ts';
import { type MarketFiles, ReportFile } from './fixtures/market-schema.ts';
import { type OrpFixtures, orpContent, readOrp } from './fixtures/orp.ts';
import { didYouMean, type FixtureProblem, problemText, reporter } from './fixtures/problems.ts';
import { BUILT_IN, jsonFiles, readById, readJson, shownPath } from './fixtures/read.ts';
import { type KnownNames, readRehearsal } from './fixtures/rehearsal-file.ts';
import { readStressSets } from './fixtures/stress.ts';
import type { AddressRules } from './service/addresses.ts';
import type { AccessRules } from './service/context.ts';
import { hashPassword } from './service/passwords.ts';
import { readPublicKey } from './service/rap/public-key.ts';
import type { RapRules } from './service/rap/rules.ts';
import { REPORT_MAKERS } from './service/report-makers.ts';

export { type FixtureProblem, problemText } from './fixtures/problems.ts';

/** A user as the fixture has him; the books add wrong passwords and locks. Null = the password is set when the run starts. */
export type FixtureUser = Omit<User, 'passwordSetAt' | 'wrongPasswords' | 'lockedAt'> & {
  readonly passwordSetAt: Instant | null;
};

/** Everything that fixtures/ holds, checked and frozen. It is also the `Days` that the timetable asks for. */
export interface Fixtures extends OrpFixtures {
  readonly participants: readonly Participant[];
  readonly users: readonly FixtureUser[];
  readonly accounts: readonly StockAccount[];
  readonly stocks: readonly Stock[];
  readonly holdings: readonly Holding[];
  /** The six sub-accounts of the money ledger. */
  readonly subAccounts: readonly { readonly id: string; readonly name: Words }[];
  readonly moneyBalances: readonly MoneyBalance[];
  readonly duePositions: readonly DuePosition[];
  /** General holidays of Hong Kong. */
  readonly holidays: ReadonlySet<MarketDate>;
  readonly beforeLongHolidays: ReadonlySet<MarketDate>;
  readonly holidayNames: Readonly<Record<MarketDate, Words>>;
  /** Millionths of an HKD for one unit of a currency. */
  readonly hkdMicro: Readonly<Partial<Record<Currency, number>>>;
  readonly access: AccessRules;
  readonly addresses: AddressRules;
  readonly hours: readonly ServiceHours[];
  readonly rap: { readonly rules: RapRules; readonly users: readonly RapUserRow[] };
  readonly settlementRules: SettlementRules;
  readonly marketRuns: readonly MarketRunRow[];
  readonly rehearsal: Rehearsal;
  /** Record layouts by ID, as JSON; wire/ checks and compiles them. */
  readonly layouts: Readonly<Record<string, unknown>>;
  readonly catalogue: readonly ReportDefinition[];
  /** Stressed scenario sets of simulations, in order of ID. */
  readonly stressSets: readonly StressSet[];
  /** Settlement instructions that stand in the books from the start; they stay in their file until then. */
  readonly instructions: InstructionsFile | null;
}

export interface FixtureChoice {
  /** A folder whose files take the place of those of fixtures/market/. */
  readonly market?: string;
  /** The ID of a rehearsal of the package, or the path of a file. Default always-open. */
  readonly rehearsal?: string;
  /** A folder of layouts, laid over the package's by ID. */
  readonly layouts?: string;
  /** A folder of report definitions, likewise. */
  readonly reports?: string;
  /** A folder of stressed scenario sets, likewise. */
  readonly stress?: string;
  /** False: the books have theirs already, the market's instructions are not looked at. */
  readonly instructions?: false;
  /** How far the instructions of the market have been looked through, from 0 to 1. */
  readonly told?: Told;
}

/** Fixture files do not fit: everything that is wrong, at once. The start ends here. */
export class FixturesRefused extends Error {
  readonly problems: readonly FixtureProblem[];
  readonly refusal: Refusal;
  constructor(problems: readonly FixtureProblem[]) {
    const refusal = badFile(problems);
    super(refusal.detail.en);
    this.name = 'FixturesRefused';
    this.problems = problems;
    this.refusal = refusal;
  }
}

/** Reads and checks the fixtures. @throws FixturesRefused, naming every problem: file, place, what came, what was expected. */
export async function loadFixtures(choice: FixtureChoice = {}): Promise<Fixtures> {
  const problems: FixtureProblem[] = [];
  const [market, orp, layoutFiles, reportFiles, stressSets] = await Promise.all([
    readMarket(join(BUILT_IN, 'market'), choice.market, problems),
    readOrp(join(BUILT_IN, 'orp'), choice.market, problems),
    readById(join(BUILT_IN, 'layouts'), choice.layouts, problems),
    readById(join(BUILT_IN, 'reports'), choice.reports, problems),
    readStressSets(join(BUILT_IN, 'orp', 'stress'), choice.stress, problems),
  ]);
  const layouts = Object.fromEntries([...layoutFiles].map(([id, { content }]) => [id, content]));
  const catalogue: ReportDefinition[] = [];
  for (const { file, content } of reportFiles.values()) {
    const tell = reporter(file, problems);
    const report = fits(ReportFile, content, tell);
    if (!report) continue;
    const { layout } = report;
    if (layout === undefined ? report.formats.includes('data') : !(layout in layouts))
      tell(
        'layout',
        layout,
        `a layout, for its data file: ${Object.keys(layouts).join(', ')}${didYouMean(layout ?? '', Object.keys(layouts))}`,
      );
    if (report.made !== 'at once' && !(report.id in REPORT_MAKERS))
      tell('made', report.made, `a maker for ${report.id} in src/service/report-makers.ts (docs/adding-a-report.md)`);
    const times = dailyRuns(report).map((run) => run.at);
    times.forEach((at, i) => {
      if (times.indexOf(at) < i) tell(`made.daily[${i}].at`, at, 'another time: an earlier run of this report has it');
    });
    catalogue.push(report);
  }
  const instructions =
    choice.market === undefined || choice.instructions === false
      ? null
      : await checkInstructions(choice.market, market, problems, choice.told);
  const participants = market['participants.json'].content?.participants.map((row) => row.id);
  const rehearsal = await findRehearsal(
    choice,
    {
      ...(participants ? { participants: new Set(participants) } : {}),
      runs: scheduled(catalogue, orp.files['schedule.json'].content),
    },
    problems,
  );
  if (problems.length > 0 || !rehearsal) throw new FixturesRefused(problems);
  const content = await marketContent(market);
  const risk = orpContent(orp, content, problems);
  if (problems.length > 0 || !risk) throw new FixturesRefused(problems);
  return freeze({ ...content, ...risk, rehearsal, layouts, catalogue, stressSets, instructions });
}

/**
 * What is wrong with a rehearsal's JSON: what does not fit the schema, and if it fits, what makes no sense. Empty = nothing.
 * `known` names what it may refer to; a registration of others is then a problem.
 */
export function checkRehearsal(json: unknown, file = 'rehearsal', known: KnownNames = {}): readonly FixtureProblem[] {
  const problems: FixtureProblem[] = [];
  readRehearsal(json, file, known, problems);
  return problems;
}

/** The same for a file, held against the package's market, or that of `market`. */
export async function checkRehearsalFile(
  path: string,
  choice: Omit<FixtureChoice, 'rehearsal'> = {},
): Promise<readonly FixtureProblem[]> {
  const { participants, catalogue, riskSchedule } = await loadFixtures(choice);
  const problems: FixtureProblem[] = [];
  const json = await readJson(path, problems);
  if (json === undefined) return problems;
  return checkRehearsal(json, shownPath(path), {
    participants: new Set(participants.map((row) => row.id)),
    runs: scheduled(catalogue, riskSchedule),
  });
}

/** What a rehearsal may list for its day: the reports that a run makes, and the runs of the risk platform. */
function scheduled(catalogue: readonly ReportDefinition[], schedule: RiskSchedule | null): ReadonlySet<string> {
  const reports = catalogue.filter((report) => report.made !== 'at once').map((report) => report.id);
  return new Set([...reports, ...(schedule ? riskRunKeys(schedule) : [])]);
}

/** The rehearsals that come with the package. */
export async function rehearsalIds(): Promise<readonly string[]> {
  return (await jsonFiles(join(BUILT_IN, 'rehearsals'), [])).map((name) => basename(name, '.json'));
}

/** A day of invented trades that came in before the books began. */
export interface DayOfTrades {
  readonly date: MarketDate;
  readonly trades: readonly NewTrade[];
}

/** The first commit of the books: every row of the market, at the start of the run. */
export function seedChanges(fixtures: Fixtures, at: Instant, days: readonly DayOfTrades[] = []): Change[] {
  const stocks = new Map(fixtures.stocks.map((row) => [row.code, row]));
  const positions = new Map(fixtures.duePositions.map((row) => [KEY.duePosition(row), row]));
  const facts: TradeFacts = {
    counter: () => 1,
    get: (table: 'duePosition' | 'stock', key: string) =>
      (table === 'stock' ? stocks.get(key) : positions.get(key)) as never,
  };
  const known = fixtures.trades.filter(({ tradeDate }) => tradeDate <= marketDate(at));
  return [
    ...fixtures.participants.map((row) => put('participant', row)),
    ...fixtures.users.map((row) =>
      put('user', { ...row, passwordSetAt: row.passwordSetAt ?? at, wrongPasswords: 0, lockedAt: null }),
    ),
    ...rapChanges(fixtures, at),
    ...fixtures.accounts.map((row) => put('stockAccount', row)),
    ...fixtures.stocks.map((row) => put('stock', row)),
    ...fixtures.holdings.map((row) => put('holding', row)),
    ...fixtures.moneyBalances.map((row) => put('moneyBalance', row)),
    ...fixtures.duePositions.map((row) => put('duePosition', row)),
    ...enterTrades(facts, [...known, ...days.flatMap(({ trades }) => trades)], at).changes,
    ...days.map(({ date }) => put('run', { run: SEEDED_TRADES, date, doneAt: at })),
    ...fixtures.pledges.map((row) => put('pledge', row)),
    ...fixtures.announcements.map((row) => put('announcement', row)),
  ];
}

/** A RAP user for every clearing participant, with the password and the keys that the file gives him. */
function rapChanges({ participants, rap }: Fixtures, at: Instant): Change[] {
  const clearing = participants.filter(({ type }) => belongsTo('clearing', type));
  return clearing.flatMap(({ id: participant }) => {
    const row = rap.users.find((user) => user.participant === participant);
    const { passwordHash, keys = [] } = row ?? {};
    return [
      put('rapUser', { participant, wrongTries: 0, lockedAt: null, ...(passwordHash && { passwordHash }) }),
      ...keys.flatMap(({ publicKey, from, until }) => {
        const key = readPublicKey(publicKey);
        if (isRefusal(key)) return [];
        const [start, end] = [from, until].map((time) => (time === undefined ? null : parseInstant(time)));
        return [put('rapKey', { participant, ...key, from: start ?? at, until: end ?? null })];
      }),
    ];
  });
}

async function findRehearsal(
  choice: FixtureChoice,
  known: KnownNames,
  problems: FixtureProblem[],
): Promise<Rehearsal | null> {
  const name = choice.rehearsal ?? 'always-open';
  const ids = await rehearsalIds();
  const builtIn = ids.includes(name);
  const path = builtIn ? join(BUILT_IN, 'rehearsals', `${name}.json`) : name;
  if (!existsSync(path)) {
    reporter('rehearsal', problems)(
      '',
      name,
      `the path of a file, or one of ${ids.join(', ')}${didYouMean(name, ids)}`,
    );
    return null;
  }
  const json = await readJson(path, problems);
  // The package's rehearsals register the package's participants, whom a market of the user's own need not have.
  const { participants: _, ...namesOfOurs } = known;
  const names = builtIn && choice.market !== undefined ? namesOfOurs : known;
  return json === undefined ? null : readRehearsal(json, shownPath(path), names, problems);
}

async function marketContent(
  files: MarketFiles,
): Promise<Omit<Fixtures, 'rehearsal' | 'layouts' | 'catalogue' | 'stressSets' | 'instructions' | keyof OrpFixtures>> {
  const money = held(files['money.json']);
  const { holidays, longHolidays = [] } = held(files['holidays.json']);
  const settlementDay = held(files['settlement-day.json']);
  const { status: _, source: __, notes: ___, ...rules } = held(files['access.json']);
  const rap = held(files['rap.json']);
  const { enforced, ranges } = held(files['addresses.json']);
  return {
    participants: held(files['participants.json']).participants,
    users: await Promise.all([
      ...held(files['users.json']).users.map(fixtureUser),
      ...held(files['orp-users.json']).users.map((row) =>
        fixtureUser({ ...row, service: 'orp', inputLimitHkdCents: null }),
      ),
    ]),
    accounts: held(files['accounts.json']).accounts,
    stocks: held(files['stocks.json']).stocks,
    holdings: held(files['holdings.json']).holdings,
    subAccounts: money.subAccounts,
    moneyBalances: money.ledgers.flatMap(({ participant, currency, balancesCents }) =>
      money.subAccounts.map(({ id }) => ({
        participant,
        currency,
        subAccount: id,
        balanceCents: balancesCents[id] ?? 0,
      })),
    ),
    duePositions: held(files['due-positions.json']).duePositions,
    holidays: new Set(holidays.map((row) => row.date)),
    beforeLongHolidays: new Set(longHolidays.map((row) => row.lastFullTradingDay)),
    holidayNames: Object.fromEntries(holidays.map((row) => [row.date, row.name])),
    hkdMicro: Object.fromEntries(held(files['fx.json']).rates.map((row) => [row.currency, row.hkdMicro])),
    access: rules,
    addresses: { enforced, ranges },
    hours: held(files['service-hours.json']).hours,
    rap: { rules: rap.rules, users: rap.users },
    settlementRules: settlementDay.rules,
    marketRuns: [...settlementDay.runs, ...transferRun(settlementDay.rules)],
  };
}

/** The run that moves the shares of account transfers, where the rules say that they wait for one. */
function transferRun({ transfers }: SettlementRules): MarketRunRow[] {
  if (transfers === 'at once') return [];
  return [{ run: 'transfers', at: transfers.daily, status: 'assumed', source: 'The rule `transfers`.' }];
}

type Written<File extends 'users.json' | 'orp-users.json'> = NonNullable<MarketFiles[File]['content']>['users'][number];
type UserRow = Pick<User, 'service' | 'role' | 'inputLimitHkdCents'> & Omit<Written<'orp-users.json'>, 'role'>;
type RapUserRow = NonNullable<MarketFiles['rap.json']['content']>['users'][number];

async function fixtureUser({ password, passwordHash, passwordSetAt, ...row }: UserRow): Promise<FixtureUser> {
  return {
    ...row,
    passwordHash: passwordHash ?? (await hashPassword(password ?? '')),
    passwordSetAt: passwordSetAt === undefined ? null : parseInstant(passwordSetAt),
  };
}

/** With no problem told, every file fits its schema. */
function held<T>({ file, content }: { readonly file: string; readonly content: T | null }): T {
  if (content === null) throw new Error(`${file} did not fit its schema and no problem was told`);
  return content;
}

function badFile(problems: readonly FixtureProblem[]): Refusal {
  const list = problems.map((problem) => `\n  ${problemText(problem)}`).join('');
  return refuse(
    'BAD_FILE',
    {
      en: `${problems.length === 1 ? 'One problem' : `${problems.length} problems`} in the fixture files. Correct them, or leave a file out to use the package's own.${list}`,
      zh: `資料檔案有 ${problems.length} 項問題。請更正，或不提供該檔案以使用內置的一份。${list}`,
    },
    { more: { problems } },
  );
}

function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const member of Object.values(value)) freeze(member);
  return Object.freeze(value);
}
