import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import type { Figure } from '../domain/margin/calculation.ts';
import type { Words } from '../domain/nouns/market.ts';
import { type Refusal, refuse } from '../domain/refusal.ts';
import { type CsvDateFormat, dateText } from './csv-dates.ts';
import { shown } from './imrpf/imrpf-fault.ts';

/**
 * Csv with a header row, as the risk platform's reports are: RFC 4180, CRLF, UTF-8 without a byte order mark. Columns, their
 * order and headings are data (fixtures/orp/reports/), since little of it is published.
 */
export interface CsvColumn {
  readonly heading: string;
  /** The member of the rows that it holds. */
  readonly value: string;
  /** Date format of a column of dates; YYYY-MM-DD by default. */
  readonly format?: CsvDateFormat;
}

/** The values of a row by name; null is a blank cell. */
export type CsvRow = Readonly<Record<string, Figure | null>>;

/** Rows per piece of text. */
const ROWS_AT_ONCE = 512;

/** The file in pieces, the header first. @throws RangeError for a column that the rows have no member for: then our data is wrong. */
export function* writeCsv(columns: readonly CsvColumn[], rows: Iterable<CsvRow>): Generator<string> {
  let pending: (Figure | null)[][] = [columns.map(({ heading }) => heading)];
  for (const row of rows) {
    pending.push(columns.map((column) => cellOf(column, row)));
    if (pending.length < ROWS_AT_ONCE) continue;
    yield csv(pending);
    pending = [];
  }
  if (pending.length > 0) yield csv(pending);
}

function cellOf({ heading, value, format }: CsvColumn, row: CsvRow): Figure | null {
  const cell = row[value];
  if (cell === undefined)
    throw new RangeError(`column "${heading}": no "${value}" among ${Object.keys(row).join(', ')}`);
  return format === undefined || cell === null ? cell : dateText(String(cell), format);
}

function csv(rows: (Figure | null)[][]): string {
  return stringify(rows, { record_delimiter: '\r\n' });
}

/** A record of a file, perhaps of another program. */
export interface CsvRecord {
  /** The trimmed text of a cell; empty if the column is absent. */
  text(value: string): string;
  fault(value: string, expected: Words): Refusal;
}

/**
 * Records of a file by the values of their columns. Columns are found by their headings, in any order, ignoring case, blanks
 * and hyphens; other columns are ignored. A byte order mark, LF and blank lines are accepted (mock conventions).
 * @param needed values whose columns are required
 * @returns BAD_FILE, with line and column, the value received and the one expected
 */
export function readCsv(
  report: string,
  columns: readonly CsvColumn[],
  needed: readonly string[],
  file: Uint8Array | string,
): readonly CsvRecord[] | Refusal {
  const lines = linesOf(report, file);
  if (!Array.isArray(lines)) return lines as Refusal;
  const [header, ...records] = lines;
  if (!header) return badFile(report, 1, null, 'nothing', HEADER_ROW);
  const headings = header.cells.map(plain);
  const placeOf = new Map(columns.map(({ heading, value }) => [value, headings.indexOf(plain(heading))]));
  const headingOf = new Map(columns.map(({ heading, value }) => [value, heading]));
  for (const value of needed) {
    if ((placeOf.get(value) ?? -1) >= 0) continue;
    const heading = headingOf.get(value) ?? value;
    return badFile(report, header.line, null, shown(header.cells.join(',')), {
      en: `a header row with the column "${heading}"`,
      zh: `包含欄位「${heading}」的標題行`,
    });
  }
  const odd = records.find(({ cells }) => cells.length !== headings.length);
  if (odd) {
    return badFile(report, odd.line, null, `${odd.cells.length} cells`, {
      en: `${headings.length}, as many as the header row has`,
      zh: `${headings.length} 欄，與標題行相同`,
    });
  }
  return records.map(({ line, cells }) => {
    const text = (value: string) => cells[placeOf.get(value) ?? -1] ?? '';
    return {
      text,
      fault: (value, expected) => badFile(report, line, headingOf.get(value) ?? value, shown(text(value)), expected),
    };
  });
}

interface Line {
  readonly line: number;
  readonly cells: readonly string[];
}

const HEADER_ROW: Words = { en: 'a header row', zh: '標題行' };

function linesOf(report: string, file: Uint8Array | string): Line[] | Refusal {
  try {
    const parsed = parse(file as string, {
      bom: true,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
    }) as unknown as { info: { lines: number }; record: string[] }[];
    return parsed.map(({ info, record }) => ({ line: info.lines, cells: record }));
  } catch (error) {
    const { lines, message } = error as { lines?: number; message: string };
    return badFile(report, lines ?? 1, null, shown(message), {
      en: 'csv as in RFC 4180',
      zh: '符合 RFC 4180 的 csv',
    });
  }
}

function badFile(report: string, line: number, column: string | null, came: string, expected: Words): Refusal {
  return refuse(
    'BAD_FILE',
    {
      en: `${report}, line ${line}${column === null ? '' : `, column "${column}"`}: got ${came}, expected ${expected.en}. Correct the file and read it again.`,
      zh: `${report} 第 ${line} 行${column === null ? '' : `「${column}」欄`}：收到 ${came}，應為${expected.zh}。請更正檔案後再讀取。`,
    },
    { more: { line, column, came, expected: expected.en } },
  );
}

function plain(heading: string): string {
  return heading.toLowerCase().replace(/[^a-z0-9]/g, '');
}
