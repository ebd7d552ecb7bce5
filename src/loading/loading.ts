import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Rehearsal } from '../domain/calendar/rehearsal.ts';
import { type Refusal, refuse } from '../domain/refusal.ts';
import { dailyRuns, type ReportDefinition } from '../domain/report-catalogue.ts';
import { type RiskSchedule, riskRunKeys } from '../domain/risk/risk-schedule.ts';
import type { StressSet } from '../domain/risk/stress-test.ts';
import { REPORT_MAKERS } from '../service/reports/report-makers.ts';
import { checkInstructions, type InstructionsFile, type OnShare } from './instructions.ts';
import { readMarket } from './market.ts';
import { type MarketContent, marketContent } from './market-content.ts';
import { type OrpFixtures, orpContent, readOrp } from './orp.ts';
import { didYouMean, type FixtureProblem, problemText, reporter } from './problems.ts';
import { BUILT_IN, jsonFiles, readById, readJson, shownPath } from './read.ts';
import { type KnownNames, readRehearsal } from './rehearsal-file.ts';
import { ReportFile } from './report-schema.ts';
import { checkSchema } from './schema-check.ts';
import { readStressSets } from './stress.ts';

export { type FixtureProblem, problemText } from './problems.ts';

/** The content of fixtures/, checked and frozen. It is also the `Days` of the timetable. */
export interface Fixtures extends MarketContent, OrpFixtures {
  readonly rehearsal: Rehearsal;
  /** Record layouts by ID, as JSON; wire/ checks and compiles them. */
  readonly layouts: Readonly<Record<string, unknown>>;
  readonly catalogue: readonly ReportDefinition[];
  /** Stressed scenario sets of simulations, in order of ID. */
  readonly stressSets: readonly StressSet[];
  /** Settlement instructions to put into the books at the start; they stay in their file until then. */
  readonly instructions: InstructionsFile | null;
}

export interface FixtureChoice {
  /** A folder whose files replace those of fixtures/market/. */
  readonly market?: string;
  /** The ID of a rehearsal of the package, or the path of a file. Default always-open. */
  readonly rehearsal?: string;
  /** A folder of layouts that override the package's by ID. */
  readonly layouts?: string;
  /** A folder of report definitions that override the package's by ID. */
  readonly reports?: string;
  /** A folder of stressed scenario sets that override the package's by ID. */
  readonly stress?: string;
  /** False = skip the market's instructions, because the books already have them. */
  readonly instructions?: false;
  /** Progress of checking the market's instructions. */
  readonly onShare?: OnShare;
}

/** Fixture files are invalid; holds all problems. The start ends here. */
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

/** Reads and checks the fixtures. @throws FixturesRefused, with every problem: file, path, what it got, what it expected. */
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
    const report = reporter(file, problems);
    const definition = checkSchema(ReportFile, content, report);
    if (!definition) continue;
    const { layout } = definition;
    if (layout === undefined ? definition.formats.includes('data') : !(layout in layouts))
      report(
        'layout',
        layout,
        `a layout, for its data file: ${Object.keys(layouts).join(', ')}${didYouMean(layout ?? '', Object.keys(layouts))}`,
      );
    if (definition.made !== 'at once' && !(definition.id in REPORT_MAKERS))
      report(
        'made',
        definition.made,
        `a maker for ${definition.id} in src/service/reports/report-makers.ts (docs/adding-a-report.md)`,
      );
    const times = dailyRuns(definition).map((run) => run.at);
    times.forEach((at, i) => {
      if (times.indexOf(at) < i)
        report(`made.daily[${i}].at`, at, 'a different time: an earlier run of this report already has it');
    });
    catalogue.push(definition);
  }
  const instructions =
    choice.market === undefined || choice.instructions === false
      ? null
      : await checkInstructions(choice.market, market, problems, choice.onShare);
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
 * The problems of a rehearsal's JSON: schema violations, or, if it has none, contradictions. Empty = valid.
 * References to names that `known` lacks are problems too.
 */
export function checkRehearsal(json: unknown, file = 'rehearsal', known: KnownNames = {}): readonly FixtureProblem[] {
  const problems: FixtureProblem[] = [];
  readRehearsal(json, file, known, problems);
  return problems;
}

/** The same for a file, checked against the package's market, or that of `choice.market`. */
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

/** The runs that a rehearsal may schedule: those that make reports, and those of the risk platform. */
function scheduled(catalogue: readonly ReportDefinition[], schedule: RiskSchedule | null): ReadonlySet<string> {
  const reports = catalogue.filter((report) => report.made !== 'at once').map((report) => report.id);
  return new Set([...reports, ...(schedule ? riskRunKeys(schedule) : [])]);
}

/** IDs of the rehearsals in the package. */
export async function rehearsalIds(): Promise<readonly string[]> {
  return (await jsonFiles(join(BUILT_IN, 'rehearsals'), [])).map((name) => basename(name, '.json'));
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
  // The package's rehearsals register the package's participants, which a custom market may not have.
  const { participants: _, ...otherNames } = known;
  const names = builtIn && choice.market !== undefined ? otherNames : known;
  return json === undefined ? null : readRehearsal(json, shownPath(path), names, problems);
}

function badFile(problems: readonly FixtureProblem[]): Refusal {
  const list = problems.map((problem) => `\n  ${problemText(problem)}`).join('');
  return refuse(
    'BAD_FILE',
    {
      en: `${problems.length === 1 ? 'One problem' : `${problems.length} problems`} in the fixture files. Correct them, or leave a file out to use the package's.${list}`,
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
