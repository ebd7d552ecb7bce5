import { generateImrpfSteps } from '../../domain/imrpf/generated-imrpf.ts';
import type { Imrpf } from '../../domain/imrpf/imrpf.ts';
import type { RapFile } from '../../domain/nouns/reports.ts';
import { imrpfSource } from '../../domain/risk/risk-instruments.ts';
import type { DueDailyFile } from '../../domain/risk/risk-schedule.ts';
import { writeImrpf } from '../../wire/imrpf/imrpf.ts';
import type { Context } from '../context.ts';
import { keepRapPackage } from '../rap/rap-packages.ts';

/** Instruments drawn in one turn of the event loop, so that a file of 3,000 keeps nobody waiting. */
const INSTRUMENTS_A_TURN = 4;

/** From so many records of scenarios on, it takes long enough for somebody to wonder; the journal then tells each quarter. */
const LARGE = 400;
const PARTS_TOLD = 4;

/** The RPF01 of a business day as two RAP files, data first: the user-supplied file unchanged, or a generated one. */
export async function keepRiskParameterFile(context: Context, due: DueDailyFile): Promise<readonly RapFile[]> {
  const { risk } = context;
  const supplied = risk.userImrpf;
  const imrpf = supplied?.imrpf ?? (await generated(context, due));
  const rows = await keepRapPackage(context, {
    reportId: due.report,
    participant: 'COMMON',
    folder: 'RPF',
    businessDate: due.date,
    snapshot: due.snapshot,
    publishedAt: due.availableAt,
    records: supplied?.records ?? records(imrpf),
    csv: supplied ? supplied.open() : toldOf(context, due, imrpf),
  });
  // Whoever needs it next need not read it again.
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

/** The file as it is written, which takes longest: record after record is deflated. */
function* toldOf({ journal, centre }: Context, { report, date }: DueDailyFile, imrpf: Imrpf): Generator<string> {
  const total = imrpf.hvar.rows.size + imrpf.svar.rows.size;
  let told = -1;
  let done = 0;
  for (const piece of writeImrpf(imrpf)) {
    const part = Math.floor((PARTS_TOLD * done++) / total);
    if (total >= LARGE && part > told && part < PARTS_TOLD) {
      told = part;
      const percent = Math.round((100 * part) / PARTS_TOLD);
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
