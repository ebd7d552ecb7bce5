import { isBusinessDay } from '../../domain/calendar/calendar.ts';
import { KEY, put } from '../../domain/change.ts';
import type { MarketDate } from '../../domain/nouns/market.ts';
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
import { imrpfInForce } from './imrpf-in-force.ts';
import { clearingParticipants, marginFigures } from './margin-figures.ts';
import { DAILY_FILES, MARGIN_REPORTS } from './report-rows.ts';
import { keepRiskParameterFile } from './risk-parameter-file.ts';

/** The results of a run, before they are in the books. */
interface RunResults {
  readonly files: readonly RapFile[];
  readonly marginRuns: readonly MarginRun[];
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
  const { files, marginRuns } = due.kind === 'margin' ? await marginRun(context, due) : await dailyFile(context, due);
  const done = await store.transact((books) => {
    if (isDone()) return { changes: [], answer: false };
    return {
      changes: [
        ...marginRuns.map((run) => put('marginRun', run)),
        ...files.map((file) => put('rapFile', keepOverride(books, file))),
        put('run', { ...row, doneAt: clock.now() }),
      ],
      answer: true,
    };
  });
  if (isRefusal(done) || !done) return false;
  const { key: run, date, availableAt } = due;
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

async function marginRun(context: Context, due: DueMarginRun): Promise<RunResults> {
  const inForce = await imrpfInForce(context, due.at);
  if (!inForce) throw new Error(`no risk parameter file is in force for ${due.key} of ${due.date}`);
  const figures = await marginFigures(context, due, inForce);
  const files: RapFile[] = [];
  for (const { participant, run } of figures) {
    for (const [report, rows] of Object.entries(MARGIN_REPORTS))
      files.push(...(await packaged(context, due, report, participant.id, rows(run))));
  }
  return { files, marginRuns: figures.map(({ run }) => run) };
}

async function dailyFile(context: Context, due: DueDailyFile): Promise<RunResults> {
  const { report, date } = due;
  if (report === 'RPF01') return { files: await keepRiskParameterFile(context, due), marginRuns: [] };
  const rows = DAILY_FILES[report];
  if (!rows) throw new Error(`no run makes ${report}`);
  const common = definition(context, report).folder !== 'INBOX';
  const receivers = common ? ['COMMON'] : clearingParticipants(context).map(({ id }) => id);
  const files: RapFile[] = [];
  for (const receiver of receivers)
    files.push(...(await packaged(context, due, report, receiver, rows(context, date, receiver))));
  return { files, marginRuns: [] };
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
