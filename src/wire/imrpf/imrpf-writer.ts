import { Buffer } from 'node:buffer';
import { type Imrpf, type ImrpfParameters, RETURN_SCALE, type ScenarioTable } from '../../domain/imrpf/imrpf.ts';
import { decimalOf } from './imrpf-cells.ts';

const END = '\r\n';
const MEASURE = '4';
/** Small records are joined into pieces of about this many characters. */
const PIECE = 64 * 1024;
/** Sign, six digits, point, ten decimals, comma. */
const LONGEST_CELL = 20;

/**
 * The file in pieces of text, all ASCII: RFC 4180 with CRLF, parameters, the header, then the records by field type; dates
 * DD/MM/YYYY, decimals without trailing zeros. Instruments whose record was too short are not written.
 * @throws RangeError for a figure that is not a decimal of at most 10 places.
 */
export function* writeImrpf(imrpf: Imrpf): Generator<string> {
  const { parameters, hvar, svar } = imrpf;
  const scenarios = Array.from({ length: Math.max(hvar.count, svar.count) }, (_, n) => n + 1);
  yield rows([...parameterRows(parameters), ['InstrumentId', 'FieldType', ...scenarios.map(String)]]);
  yield* returnRows(hvar, 1);
  yield* returnRows(svar, 2);
  yield* pieces(figureRows(imrpf));
}

function parameterRows(p: ImrpfParameters): string[][] {
  const [year, month, day] = p.valuationDate.split('-');
  return [
    ['Valuation_DT', `${day}/${month}/${year}`],
    ['HVaR_WGT', decimal(p.hvarWeight)],
    ['SVaR_WGT', decimal(p.svarWeight)],
    ['HVaR_Scen_Count', String(p.hvarCount)],
    ['SVaR_Scen_Count', String(p.svarCount)],
    ['STV_Count', String(p.stvCount)],
    ['HVaR_CL', decimal(p.hvarConfidence)],
    ['SVaR_CL', decimal(p.svarConfidence)],
    ['HVaR_Measure', MEASURE],
    ['SVaR_Measure', MEASURE],
    ['Rounding', String(p.rounding)],
    ['Holiday_Factor', decimal(p.holidayFactor)],
  ];
}

function* figureRows({ flatRates, betaHedges, deltas, structured, entitlements }: Imrpf): Generator<string[]> {
  for (const [code, rate] of flatRates) yield [code, '3', decimal(rate)];
  for (const [code, { bucketRate, beta, threshold, cashDelta }] of betaHedges)
    yield [code, '4', ...[bucketRate, beta, threshold, cashDelta].map(decimal)];
  for (const [code, { underlying, delta, conversionRatio, cashDelta }] of deltas)
    yield [code, '5', underlying, ...[delta, conversionRatio, cashDelta].map(decimal)];
  for (const [code, { priceThreshold, tenthOfTickMultiplier }] of structured)
    yield [code, '6', ...[priceThreshold, tenthOfTickMultiplier].map(decimal)];
  for (const [key, { price, shortPercent, longPercent }] of entitlements) {
    const slash = key.lastIndexOf('/');
    yield [key.slice(0, slash), '7', key.slice(slash + 1), ...[price, shortPercent, longPercent].map(decimal)];
  }
}

function* pieces(lines: Iterable<string[]>): Generator<string> {
  let piece = '';
  for (const line of lines) {
    piece += rows([line]);
    if (piece.length < PIECE) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}

function* returnRows({ count, rows, returns }: ScenarioTable, fieldType: 1 | 2): Generator<string> {
  const bytes = new Uint8Array(count * LONGEST_CELL);
  const text = Buffer.from(bytes.buffer);
  for (const [code, row] of rows) {
    let at = 0;
    for (let s = row * count; s < (row + 1) * count; s++) {
      bytes[at++] = 44;
      at = writeReturn(returns[s] as number, bytes, at);
    }
    yield `${cell(code)},${fieldType}${text.toString('latin1', 0, at)}${END}`;
  }
}

/** Writes a scaled return as a decimal at `at`, and returns the offset after it. */
function writeReturn(scaled: number, bytes: Uint8Array, at: number): number {
  let next = at;
  let rest = scaled;
  if (rest < 0) {
    bytes[next++] = 45;
    rest = -rest;
  }
  const whole = Math.floor(rest / RETURN_SCALE);
  let decimals = rest - whole * RETURN_SCALE;
  if (whole > 9) for (const digit of String(whole)) bytes[next++] = digit.charCodeAt(0);
  else bytes[next++] = 48 + whole;
  if (decimals === 0) return next;
  bytes[next++] = 46;
  // Two halves of five digits each, so that the divisions are of small integers.
  const high = Math.floor(decimals / 100_000);
  decimals -= high * 100_000;
  next = writeFive(high, bytes, next);
  if (decimals > 0) next = writeFive(decimals, bytes, next);
  while (bytes[next - 1] === 48) next--;
  return next;
}

function writeFive(five: number, bytes: Uint8Array, at: number): number {
  let rest = five | 0;
  for (let place = at + 4; place >= at; place--) {
    const tenth = (rest / 10) | 0;
    bytes[place] = 48 + rest - tenth * 10;
    rest = tenth;
  }
  return at + 5;
}

function rows(lines: readonly (readonly string[])[]): string {
  return lines.map((line) => `${line.map(cell).join(',')}${END}`).join('');
}

/** RFC 4180: quotes where they are needed. */
function cell(text: string): string {
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function decimal(text: string): string {
  const plain = decimalOf(text);
  if (plain === null) throw new RangeError(`not a decimal of at most 10 places: ${text}`);
  return plain;
}
