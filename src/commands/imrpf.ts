import { createReadStream } from 'node:fs';
import { rename, rm, stat, writeFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError } from 'commander';
import { isBusinessDay, isMarketDate, previousBusinessDay } from '../domain/calendar/calendar.ts';
import type { Imrpf } from '../domain/imrpf/imrpf.ts';
import { type Refusal, refuse } from '../domain/refusal.ts';
import type { ImrpfCheck } from '../wire/imrpf/imrpf.ts';
import { type CliContext, ExitWith, printAnswer, Refused, table } from './cli-context.ts';
import { CONFIGURATION } from './exit-codes.ts';

/** The newest business date before the rehearsal of the circular. */
const DEFAULT_DATE = '2021-07-23';
const FULL_SIZE = 3000;
const MAX_INSTRUMENTS = 10_000;
const MAX_FINDINGS = 100;
/** Progress is printed in steps of this many per cent. */
const STEP_PER_CENT = 10;
/** A smaller file is read so fast that progress would be noise. */
const LARGE_BYTES = 8 * 1024 * 1024;
const MILLION = 1_000_000;

interface GenerateFlags {
  readonly seed: number;
  readonly instruments: number;
  readonly date: string;
  readonly json?: boolean;
}

/** `imrpf generate` and `imrpf check`: risk parameter files without a harness. */
export function addImrpf(program: Command, context: CliContext): void {
  const imrpf = program
    .command('imrpf')
    .description('risk parameter files (IMRPF, RPF01); needs no harness')
    .addHelpText('after', '\nExamples:\n  imrpf generate --seed 7 rpf01.csv\n  imrpf check rpf01.csv');

  imrpf
    .command('generate <out>')
    .description('write a file of invented figures in the published layout')
    .option('--seed <number>', 'the same seed gives the same bytes', wholeNumber(0, Number.MAX_SAFE_INTEGER), 1)
    .option('--instruments <number>', 'how many instruments', wholeNumber(1, MAX_INSTRUMENTS), FULL_SIZE)
    .option(
      '--date <date>',
      'valuation date, a business day; the next business day gives the next file',
      date,
      DEFAULT_DATE,
    )
    .option('--json', 'print what was written as JSON')
    .addHelpText('after', GENERATE_HELP)
    .action(async (out: string, flags: GenerateFlags) => {
      const written = await generate(out, flags, context);
      printAnswer(
        context,
        flags.json,
        written,
        ({ bytes, instruments }) =>
          `${out}: ${megabytes(bytes)}, ${instruments} instruments, ${flags.date}, seed ${flags.seed}`,
      );
    });

  imrpf
    .command('check <file>')
    .description('show what is in a file, or list what is wrong with it')
    .option('--most <number>', 'stop after this many faults', wholeNumber(1, Number.MAX_SAFE_INTEGER), MAX_FINDINGS)
    .option('--json', 'print it as JSON')
    .addHelpText('after', CHECK_HELP)
    .action(async (file: string, { most, json }: { most: number; json?: boolean }) => {
      const { findingWords } = await import('../wire/imrpf/imrpf-fault.ts');
      const checked = await check(file, most, context, json);
      const { imrpf: valid, findings, more } = checked;
      const answer = valid ? { file, ...contents(valid) } : { file, findings, more };
      const faults = findings.map((finding) => `${file}: ${findingWords(finding).en}`);
      printAnswer(context, json, answer, () =>
        valid
          ? contentsText(file, valid)
          : [...faults, ...(more ? [`there may be more: --most ${most * 10}`] : [])].join('\n'),
      );
      if (valid === null) throw new ExitWith(CONFIGURATION);
    });
}

async function generate(
  out: string,
  { seed, instruments, date: valuationDate, json }: GenerateFlags,
  context: CliContext,
) {
  const [{ loadFixtures }, { createRandom }, { generateImrpfSteps }, { imrpfUniverse }, { writeImrpf }] =
    await Promise.all([
      import('../loading/loading.ts'),
      import('../testbed/random.ts'),
      import('../domain/imrpf/generated-imrpf.ts'),
      import('../domain/imrpf/imrpf-universe.ts'),
      import('../wire/imrpf/imrpf.ts'),
    ]);
  const { holidays } = await loadFixtures();
  if (!isBusinessDay(valuationDate, holidays))
    throw new Refused(notBusinessDay(valuationDate, previousBusinessDay(valuationDate, holidays)), json === true);
  const random = createRandom(seed);
  const source = { valuationDate, holidays, ...imrpfUniverse(instruments, random.stream('imrpf universe')) };
  const steps = generateImrpfSteps(source, random.stream('imrpf'));
  const made = progress(context, 'made');
  let step = steps.next();
  for (; !step.done; step = steps.next()) made(step.value.done, step.value.total);
  const imrpf = step.value;

  // An incomplete file must not be mistaken for a complete one.
  const part = `${out}.part`;
  let bytes = 0;
  const rows = imrpf.hvar.rows.size + imrpf.svar.rows.size;
  const wrote = progress(context, 'written');
  function* pieces() {
    let row = 0;
    for (const piece of writeImrpf(imrpf)) {
      yield piece;
      bytes += piece.length;
      wrote(Math.min(++row, rows), rows);
    }
  }
  try {
    await writeFile(part, pieces(), 'latin1');
    await rename(part, out);
  } catch (error) {
    // If the folder does not exist, there is nothing to remove.
    await rm(part, { force: true }).catch(() => undefined);
    throw unusable(out, 'written', error, json);
  }
  return { file: out, bytes, seed, instruments, valuationDate };
}

async function check(file: string, most: number, context: CliContext, json = false): Promise<ImrpfCheck> {
  const { checkImrpf } = await import('../wire/imrpf/imrpf.ts');
  try {
    const { size } = await stat(file);
    const read = progress(context, 'read');
    const onProgress = (bytes: number) => size >= LARGE_BYTES && read(bytes, size);
    const chunks = createReadStream(file, { highWaterMark: 1024 * 1024 });
    return await checkImrpf(chunks, most, { sizeBytes: size, onProgress });
  } catch (error) {
    throw unusable(file, 'read', error, json);
  }
}

function contents({ parameters, hvar, svar, warnings, ...tables }: Imrpf) {
  const records = {
    ...{ 1: hvar.rows.size, 2: svar.rows.size, 3: tables.flatRates.size, 4: tables.betaHedges.size },
    ...{ 5: tables.deltas.size, 6: tables.structured.size, 7: tables.entitlements.size },
  };
  const tooShort = [...(hvar.short ?? []), ...(svar.short ?? [])].map(([code, cells]) => ({ code, cells }));
  return { parameters, records, tooShort, warnings };
}

function contentsText(file: string, imrpf: Imrpf): string {
  const { parameters: p, records, tooShort, warnings } = contents(imrpf);
  const rows = Object.entries(records).map(([type, count]) => [type, FIELD_TYPES[Number(type) - 1], count]);
  return [
    `${file} is valid: valuation date ${p.valuationDate}`,
    `HVaR ${p.hvarCount} scenarios, confidence ${p.hvarConfidence}, weight ${p.hvarWeight}; SVaR ${p.svarCount}, ${p.svarConfidence}, ${p.svarWeight}; rounding ${p.rounding}, holiday factor ${p.holidayFactor}`,
    table(['field type', 'what', 'records'], rows),
    ...tooShort.map(({ code, cells }) => `warning: ${code} has only ${cells} scenarios: holding it will be an error`),
    ...warnings.map((warning) => `warning: ${warning}`),
  ].join('\n');
}

const FIELD_TYPES = [
  'HVaR scenario returns',
  'SVaR scenario returns',
  'flat rates',
  'beta hedges',
  'deltas of structured products',
  'structured product add-ons',
  'entitlements',
];

/** Prints each tenth once. */
function progress(context: CliContext, what: string): (done: number, total: number) => void {
  let printed = 0;
  return (done, total) => {
    const perCent = Math.floor((100 * done) / total / STEP_PER_CENT) * STEP_PER_CENT;
    if (perCent <= printed) return;
    printed = perCent;
    context.printError(`${what}: ${perCent} %`);
  };
}

/** Turns a system error about a path into a refusal; returns any other error unchanged. */
function unusable(path: string, what: 'read' | 'written', error: unknown, json = false): unknown {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return error;
  const verb = what === 'read' ? '讀取' : '寫入';
  const detail = {
    en: `${path} cannot be ${what} (${String(error.code)}). Give the path of a file that can be.`,
    zh: `無法${verb} ${path}（${String(error.code)}）。請提供可${verb}的檔案路徑。`,
  };
  return new Refused(refuse('BAD_FILE', detail), json);
}

function notBusinessDay(day: string, before: string): Refusal {
  return refuse('BAD_REQUEST', {
    en: `${day} is not a business day, so it has no file. The file in force then is that of ${before}: --date ${before}.`,
    zh: `${day} 並非營業日，沒有該日的檔案。當時有效的是 ${before} 的檔案：--date ${before}。`,
  });
}

function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (!/^\d+$/.test(text) || number < least || number > most)
      throw new InvalidArgumentError(`Write a whole number from ${least} to ${most}.`);
    return number;
  };
}

function date(text: string): string {
  if (!isMarketDate(text)) throw new InvalidArgumentError('Write a date such as 2021-07-23.');
  return text;
}

function megabytes(bytes: number): string {
  return `${(bytes / MILLION).toFixed(1)} MB`;
}

const GENERATE_HELP = `
The layout is the published one, the figures are invented (docs/fidelity.md). 3,000 instruments with 1,000 + 1,018 scenarios
are some 54 MB. Progress goes to standard error.

Examples:
  imrpf generate --seed 7 rpf01.csv
  imrpf generate --seed 7 --date 2021-07-26 next-day.csv
  imrpf generate --instruments 50 small.csv`;

const CHECK_HELP = `
Exits with ${CONFIGURATION} if anything is wrong; each fault says line, column, the value it got and what it expected.

Examples:
  imrpf check rpf01.csv
  imrpf check rpf01.csv --json`;
