import { generateImrpfSteps } from '../../domain/imrpf/generated-imrpf.ts';
import type { Imrpf } from '../../domain/imrpf/imrpf.ts';
import type { RapFile } from '../../domain/nouns/reports.ts';
import { imrpfSource } from '../../domain/risk/risk-instruments.ts';
import type { DueDailyFile } from '../../domain/risk/risk-schedule.ts';
import { writeImrpf } from '../../wire/imrpf/imrpf.ts';
import type { Context } from '../context.ts';
import { keepRapPackage } from '../rap/rap-packages.ts';

/** Instruments drawn in one turn of the event loop, so that a file of 3,000 does not block it. */
const INSTRUMENTS_A_TURN = 4;

/** With so many records of scenarios, a file takes so long that the journal gets its progress. */
const LARGE = 400;
/** Progress entries of one file. */
const PROGRESS_STEPS = 4;

/** The RPF01 of a business day as two RAP files, data first: the user's file unchanged, or a generated one. */
export async function keepRiskParameterFile(context: Context, due: DueDailyFile): Promise<readonly RapFile[]> {
  const { risk } = context;
  const { userImrpf } = risk;
  const imrpf = userImrpf?.imrpf ?? (await generated(context, due));
  const rows = await keepRapPackage(context, {
    reportId: due.report,
    participant: 'COMMON',
    folder: 'RPF',
    businessDate: due.date,
    snapshot: due.snapshot,
    publishedAt: due.availableAt,
    records: userImrpf?.records ?? records(imrpf),
    csv: userImrpf ? userImrpf.open() : withProgress(context, due, imrpf),
  });
  // The next run need not read it again.
  await risk.imrpfCache.get(rows[0].sha256, async () => imrpf);
  return rows;
}

async function generated({ store, risk }: Context, { date }: DueDailyFile): Promise<Imrpf> {
  const source = imrpfSource(
    {
      rules: risk.rules,
      stocks: store.books.all('stock'),
      announcements: store.books.all('announcement'),
      holidays: risk.days.holidays,
      generated:
        risk.imrpfInstruments === null ? null : { total: risk.imrpfInstruments, chance: risk.chance('imrpf universe') },
    },
    date,
  );
  const steps = generateImrpfSteps(source, risk.chance('imrpf'));
  for (let n = 1; ; n++) {
    const step = steps.next();
    if (step.done) return step.value;
    if (n % INSTRUMENTS_A_TURN === 0) await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

/** Writes the file and notes progress: compressing its records takes longest. */
function* withProgress({ journal, centre }: Context, { report, date }: DueDailyFile, imrpf: Imrpf): Generator<string> {
  const total = imrpf.hvar.rows.size + imrpf.svar.rows.size;
  let noted = -1;
  let done = 0;
  for (const piece of writeImrpf(imrpf)) {
    const part = Math.floor((PROGRESS_STEPS * done++) / total);
    if (total >= LARGE && part > noted && part < PROGRESS_STEPS) {
      noted = part;
      const percent = Math.round((100 * part) / PROGRESS_STEPS);
      journal.note('run', { centre }, { run: report, date, percent, done: { records: done } });
    }
    yield piece;
  }
}

/** Rows after the header row, as `writeImrpf` writes them. */
function records({ hvar, svar, flatRates, betaHedges, deltas, structured, entitlements }: Imrpf): number {
  return [hvar.rows, svar.rows, flatRates, betaHedges, deltas, structured, entitlements].reduce(
    (sum, { size }) => sum + size,
    0,
  );
}
