import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import type { Imrpf } from '../domain/imrpf/imrpf.ts';
import type { MarginResult } from '../domain/margin/calculation.ts';
import type { Words } from '../domain/nouns/market.ts';
import { isRefusal, type Refusal, refuse } from '../domain/refusal.ts';
import { textOfFile } from '../wire/text-file.ts';
import { type CliContext, printAnswer, unwrap } from './cli-context.ts';
import { CONFIGURATION } from './exit-codes.ts';
import { marginText } from './margin-text.ts';

/** Reading a larger file takes long enough to show progress. */
const LARGE_BYTES = 8 * 1024 * 1024;

export function addMargin(program: Command, context: CliContext): void {
  program
    .command('margin <file>')
    .description("compute the margin of a participant's positions from an IMRPF, offline; needs no harness")
    .option('--json', 'print the whole result as JSON')
    .addHelpText('after', HELP)
    .action(async (file: string, { json }: { json?: boolean }) => {
      const result = await marginOf(file, context, json);
      printAnswer(context, json, result, marginText);
    });
}

/** The margin of a file of positions and parameters; problems of the file or its IMRPF are a refusal. */
async function marginOf(file: string, context: CliContext, json = false): Promise<MarginResult | Refusal> {
  const [{ checkedMarginFile }, { margin }, { MarginInputError }] = await Promise.all([
    import('../domain/margin/input.ts'),
    import('../domain/margin/margin.ts'),
    import('../domain/margin/margin-input-error.ts'),
  ]);
  const parsed = await jsonOf(file);
  if (isRefusal(parsed)) return parsed;
  try {
    const { imrpf, positions, params } = checkedMarginFile(parsed.value);
    const parameterFile = unwrap(await imrpfOf(resolve(dirname(file), imrpf), context), json);
    return margin(parameterFile, positions, params);
  } catch (error) {
    if (error instanceof MarginInputError) return faulty(file, ...error.problems);
    throw error;
  }
}

async function jsonOf(file: string): Promise<{ readonly value: unknown } | Refusal> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (error) {
    return unreadable(file, error);
  }
  try {
    return { value: JSON.parse(textOfFile(bytes)) };
  } catch (error) {
    const says = messageOf(error);
    return faulty(file, { en: `expected JSON: ${says}`, zh: `應為 JSON：${says}` });
  }
}

async function imrpfOf(path: string, context: CliContext): Promise<Imrpf | Refusal> {
  const [{ readImrpf }, { ImrpfFault }] = await Promise.all([
    import('../wire/imrpf/imrpf.ts'),
    import('../wire/imrpf/imrpf-fault.ts'),
  ]);
  try {
    const { size } = await stat(path);
    return await readImrpf(createReadStream(path), { sizeBytes: size, onProgress: progress(size, context) });
  } catch (error) {
    return error instanceof ImrpfFault ? error.refusal : unreadable(path, error);
  }
}

/** Prints each quarter of a large file once. */
function progress(size: number, context: CliContext): (bytes: number) => void {
  let printed = 0;
  return (bytes) => {
    const quarter = Math.floor((4 * bytes) / size);
    if (size < LARGE_BYTES || quarter <= printed) return;
    printed = quarter;
    context.printError(`reading the IMRPF: ${25 * quarter} % of ${Math.round(size / 1024 / 1024)} MiB`);
  };
}

/** @throws any error that is not about the path. */
function unreadable(path: string, error: unknown): Refusal {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (!['ENOENT', 'EACCES', 'EISDIR', 'ENOTDIR', 'EPERM'].includes(code)) throw error;
  return faulty(path, { en: `cannot be read (${code}); expected a file`, zh: `無法讀取（${code}）；應為檔案` });
}

function faulty(file: string, ...faults: readonly Words[]): Refusal {
  const list = (language: keyof Words) => faults.map((fault) => `\n    ${fault[language]}`).join('');
  return refuse(
    'BAD_FILE',
    {
      en: `${file}:${list('en')}\n  Correct it and run \`margin\` again; \`margin --help\` shows an example.`,
      zh: `${file}：${list('zh')}\n  請更正後再執行 \`margin\`；\`margin --help\` 附有例子。`,
    },
    { more: { faults } },
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const HELP = `
FILE is JSON: the path of an IMRPF csv relative to FILE, positions as in RMAMP01 (HKD equivalents, + long, - short), and what the
IMRPF does not contain. Figures are numbers, or exact decimals as strings; rates are fractions (0.032 for 3.2 %). minimumMarginRate
is required, the rest has defaults (docs/fidelity.md).

  { "imrpf": "rpf01.csv",
    "positions": [ { "instrument": "700", "quantity": -1000000, "contractValue": -384000000, "marketValue": -400000000 } ],
    "params": { "minimumMarginRate": "0.032", "flatRateMultiplier": 1, "ipoInstruments": ["1876"], "marginCredit": 5000000,
                "positionLimit": { "liquidCapital": 75000000, "multiplier": 4, "cap": null, "addOnPercent": 0.25 } } }

Exits with ${CONFIGURATION} if a file is invalid, and lists everything that is wrong with FILE.

Examples:
  margin ./my-margin.json
  margin ./my-margin.json --json`;
