import { normalCode } from '../domain/instrument-codes.ts';
import type { Figure, MarginablePosition } from '../domain/margin/calculation.ts';
import type { MarketDate, Words } from '../domain/nouns/market.ts';
import { isRefusal, type Refusal } from '../domain/refusal.ts';
import { readDate } from './csv-dates.ts';
import { type CsvColumn, type CsvRecord, readCsv } from './csv-table.ts';

/**
 * Readers of the small files of the risk platform that a margin check needs: RMAMP01, DWH0303, DWH0081C. The caller passes
 * their columns as data, whose values have the names of the row members here. Every refusal is BAD_FILE.
 */

/** RMAMP01: the marginable positions. */
export function readMarginablePositions(
  columns: readonly CsvColumn[],
  file: Uint8Array | string,
): readonly MarginablePosition[] | Refusal {
  const needed = ['instrument', 'quantity', 'contractValue', 'marketValue'];
  return readRows('RMAMP01', columns, needed, file, (record) => {
    const figure = (value: string) => readDecimal(record, value);
    return every({
      instrument: readCode(record, 'instrument'),
      quantity: figure('quantity'),
      contractValue: figure('contractValue'),
      marketValue: figure('marketValue'),
    });
  });
}

/** A line of DWH0303, the IPO Indicator Report: an instrument that is margined as a separate portfolio. */
export interface IpoIndicatorRow {
  readonly instrument: string;
}

export function readIpoIndicators(
  columns: readonly CsvColumn[],
  file: Uint8Array | string,
): readonly IpoIndicatorRow[] | Refusal {
  return readRows('DWH0303', columns, ['instrument'], file, (record) =>
    every({ instrument: readCode(record, 'instrument') }),
  );
}

/** A line of DWH0081C, the Daily Participant Margin Multiplier Report. */
export interface MultiplierRow {
  readonly participant: string;
  readonly flatRateMultiplier: Figure;
}

export function readMultipliers(
  columns: readonly CsvColumn[],
  file: Uint8Array | string,
): readonly MultiplierRow[] | Refusal {
  return readRows('DWH0081C', columns, ['participant', 'flatRateMultiplier'], file, (record) => {
    const participant = record.text('participant');
    return every({
      participant: participant === '' ? record.fault('participant', PARTICIPANT) : participant,
      flatRateMultiplier: readDecimal(record, 'flatRateMultiplier'),
    });
  });
}

/** Rows of a report, or the first refusal. */
export function readRows<Row>(
  report: string,
  columns: readonly CsvColumn[],
  needed: readonly string[],
  file: Uint8Array | string,
  read: (record: CsvRecord) => Row | Refusal,
): readonly Row[] | Refusal {
  const records = readCsv(report, columns, needed, file);
  if (isRefusal(records)) return records;
  const rows: Row[] = [];
  for (const record of records) {
    const row = read(record);
    if (isRefusal(row)) return row;
    rows.push(row);
  }
  return rows;
}

/** The members, unless one of them is a refusal: then the first. */
export function every<Row extends object>(row: { readonly [M in keyof Row]: Row[M] | Refusal }): Row | Refusal {
  return Object.values(row).find(isRefusal) ?? (row as Row);
}

const PARTICIPANT: Words = { en: 'a participant ID', zh: '參與者編號' };
const CODE: Words = { en: 'an instrument code such as 700 or DIV700', zh: '證券代號，例如 700 或 DIV700' };
const DECIMAL: Words = { en: 'a decimal of at most 10 places', zh: '最多 10 位小數的數字' };
const DATE: Words = { en: 'a date, DD/MM/YYYY or YYYYMMDD', zh: '日期，格式為 DD/MM/YYYY 或 YYYYMMDD' };

export function readCode(record: CsvRecord, value: string): string | Refusal {
  const code = record.text(value);
  return /^[A-Za-z0-9]{1,23}$/.test(code) ? normalCode(code) : record.fault(value, CODE);
}

/** A whole number that fits a JSON number becomes one; anything else stays an exact text. */
export function readDecimal(record: CsvRecord, value: string): Figure | Refusal {
  const text = record.text(value);
  if (!/^[+-]?\d{1,30}(\.\d{1,10})?$/.test(text)) return record.fault(value, DECIMAL);
  const number = Number(text);
  return Number.isSafeInteger(number) && !text.includes('.') ? number + 0 : text.replace('+', '');
}

export function readDay(record: CsvRecord, value: string): MarketDate | Refusal {
  return readDate(record.text(value)) ?? record.fault(value, DATE);
}
