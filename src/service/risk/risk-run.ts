import { isBusinessDay } from '../../domain/calendar/calendar.ts';
import { KEY, put } from '../../domain/change.ts';
import { MarginInputError } from '../../domain/margin/margin-input-error.ts';
import type { MarketDate, Words } from '../../domain/nouns/market.ts';
import type { RapFile } from '../../domain/nouns/reports.ts';
import { isRefusal } from '../../domain/refusal.ts';
import type { MarginRun } from '../../domain/risk/margin-run.ts';
import type { DueDailyFile, DueMarginRun, DueRiskRun } from '../../domain/risk/risk-schedule.ts';
import { seededTrades } from '../../domain/risk/seeded-trades.ts';
import { enterTrades } from '../../domain/risk/trade.ts';
import type { Books } from '../../store/books/books.ts';
import { type CsvRow, writeCsv } from '../../wire/csv-table.ts';
import type { Context } from '../context.ts';
import { keepRapPackage } from '../rap/rap-packages.ts';
import { REPORT_BUG } from '../reports/report-file.ts';
import { imrpfInForce } from './imrpf-in-force.ts';
import { clearingParticipants, marginFigures } from './margin-figures.ts';
import { DAILY_FILES, MARGIN_REPORTS } from './report-rows.ts';
import { keepRiskParameterFile } from './risk-parameter-file.ts';

/** The results of a run, before they are in the books. */
interface RunResults {
  readonly files: readonly RapFile[];
  readonly marginRuns: readonly MarginRun[];
  readonly notMade: readonly NotMade[];
}

/** Reports of one participant that a run could not make, and why. */
interface NotMade {
  readonly participant: string;
  readonly reports: readonly string[];
  readonly reason: Words;
}

/**
 * Does a run of the risk platform at the active centre, once per key and market date. Figures, packages and the run itself are
 * one commit, so that a centre that takes over between snapshot and publication has all of it or does the run again. False if
 * it was done before, or this centre does not lead (any more).
 */
export async function doRiskRun(context: Context, due: DueRiskRun): Promise<boolean> {
  const { store, clock, journal, centre } = context;
  const row = { run: due.key, date: due.date };
  const isDone = () => store.books.get('run', `${row.run}/${row.date}`) !== undefined;
  if (isDone() || !store.leads()) return false;
  if (due.kind === 'trades') return enterSeededTrades(context, due);
  const { files, marginRuns, notMade } =
    due.kind === 'margin' ? await marginRun(context, due) : await dailyFile(context, due);
  const done = await store.transact((books) => {
    if (isDone()) return { changes: [], answer: false };
    return {
      changes: [
        ...marginRuns.map((run) => put('marginRun', run)),
        ...files.map((file) => put('rapFile', keepOverride(books, file))),
        put('run', {
          ...row,
          doneAt: clock.now(),
          ...(notMade.length > 0 && {
            notMade: {
              availableAt: due.availableAt,
              reasons: Object.fromEntries(notMade.map(({ participant, reason }) => [participant, reason])),
            },
          }),
        }),
      ],
      answer: true,
    };
  });
  if (isRefusal(done) || !done) return false;
  const { key: run, date, availableAt } = due;
  for (const { participant, reports, reason } of notMade) {
    for (const id of reports) {
      const detail = { what: 'not-made', id, businessDate: date, sizeBytes: 0, reason } as const;
      journal.note('report', { centre, service: 'rap', participant }, detail);
    }
  }
  journal.note('run', { centre }, { run, date, done: { packages: files.length / 2 }, availableAt });
  return true;
}

/** A package that the tester published stays; withdrawing it restores the run's. */
function keepOverride(books: Books, file: RapFile): RapFile {
  const override = books.get('rapFile', KEY.rapFile(file));
  if (override?.inPlaceOf === undefined) return file;
  const { sha256, sizeBytes } = file;
  return { ...override, publishedAt: file.publishedAt, inPlaceOf: { sha256, sizeBytes } };
}

/** Enters the invented trades of a day, drawn from the seed. */
async function enterSeededTrades({ store, risk, clock, journal, centre }: Context, due: DueRiskRun): Promise<boolean> {
  const { holidays, seededDays } = risk.days;
  const { key: run, date } = due;
  if (!seededDays) return false;
  const market = {
    clearing: clearingParticipants({ store }),
    stocks: store.books.stocks(),
    isBusinessDay: (day: MarketDate) => isBusinessDay(day, holidays),
  };
  const drawn = seededTrades(seededDays, market, date, risk.chance(`trades ${date}`));
  const done = await store.transact((books, at) => {
    if (books.get('run', `${run}/${date}`)) return { changes: [], answer: null };
    const { changes, trades } = enterTrades(books, drawn, at);
    return { changes: [...changes, put('run', { run, date, doneAt: clock.now() })], answer: trades.length };
  });
  if (isRefusal(done) || done === null) return false;
  journal.note('run', { centre }, { run, date, done: { trades: done } });
  return true;
}

const NOTHING: RunResults = { files: [], marginRuns: [], notMade: [] };

async function marginRun(context: Context, due: DueMarginRun): Promise<RunResults> {
  const inForce = await imrpfInForce(context, due.at);
  if (!inForce) throw new Error(`no risk parameter file is in force for ${due.key} of ${due.date}`);
  const figures = await marginFigures(context, due, inForce);
  const files: RapFile[] = [];
  const marginRuns: MarginRun[] = [];
  const notMade: NotMade[] = [];
  for (const { participant, run } of figures) {
    if (run instanceof Error) {
      const reason = reasonOf(context, due, participant.id, run);
      notMade.push({ participant: participant.id, reports: Object.keys(MARGIN_REPORTS), reason });
      continue;
    }
    marginRuns.push(run);
    for (const [report, rows] of Object.entries(MARGIN_REPORTS))
      files.push(...(await packaged(context, due, report, participant.id, rows(run))));
  }
  return { files, marginRuns, notMade };
}

/** In words for the participant; a bug is in the journal with its own words. */
function reasonOf({ journal, centre }: Context, due: DueRiskRun, participant: string, error: Error): Words {
  const isInput = error instanceof MarginInputError;
  const problems = isInput ? error.problems : [REPORT_BUG];
  if (!isInput) {
    const what = `${due.key} of ${due.date} failed for ${participant}`;
    journal.note('error', { centre, service: 'rap', participant }, { what, says: String(error) });
  }
  return {
    en: `The run ${due.key} of ${due.date} has no figures for ${participant}: ${problems.map(({ en }) => en).join('; ')}. Correct the positions or the market's files; the next run computes anew.`,
    zh: `${due.date} 的 ${due.key} 計算並無 ${participant} 的結果：${problems.map(({ zh }) => zh).join('；')}。請更正股份數額或市場檔案，下一次計算將重新進行。`,
  };
}

async function dailyFile(context: Context, due: DueDailyFile): Promise<RunResults> {
  const { report, date } = due;
  if (report === 'RPF01') return { ...NOTHING, files: await keepRiskParameterFile(context, due) };
  const rows = DAILY_FILES[report];
  if (!rows) throw new Error(`no run makes ${report}`);
  const common = definition(context, report).folder !== 'INBOX';
  const receivers = common ? ['COMMON'] : clearingParticipants(context).map(({ id }) => id);
  const files: RapFile[] = [];
  for (const receiver of receivers)
    files.push(...(await packaged(context, due, report, receiver, rows(context, date, receiver))));
  return { ...NOTHING, files };
}

function packaged(context: Context, due: DueRiskRun, report: string, participant: string, rows: readonly CsvRow[]) {
  const { folder, columns } = definition(context, report);
  return keepRapPackage(context, {
    reportId: report,
    participant,
    folder,
    businessDate: due.date,
    snapshot: due.snapshot,
    publishedAt: due.availableAt,
    records: rows.length,
    csv: writeCsv(columns, rows),
  });
}

function definition({ risk }: Context, report: string) {
  const found = risk.catalogue.get(report);
  if (!found) throw new Error(`the catalogue of the risk platform lacks ${report}`);
  return found;
}
