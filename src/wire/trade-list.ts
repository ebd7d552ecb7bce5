import { type CsvError, parse } from 'csv-parse/sync';
import type { Words } from '../domain/nouns/market.ts';
import {
  MAX_TRADES,
  NEEDED_COLUMNS,
  TRADE_COLUMNS,
  type TradeColumn,
  type TradeFault,
  type TradeRow,
} from '../domain/risk/hypothetical-trade.ts';

/** The rows of a csv of hypothetical trades with their lines, or why the file cannot be read. */
export interface TradeList {
  readonly rows: readonly TradeRow[];
  /** The column of each field, from 1. */
  readonly columns: ReadonlyMap<TradeColumn, number>;
  readonly faults: readonly TradeFault[];
}

interface Parsed {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

/**
 * Reads a csv (RFC 4180, UTF-8, a heading line; lines may end with LF) of hypothetical trades. Headings identify the
 * columns, in any order; after a fault of headings or quotes no row is read. A row of another width is one fault; the other
 * rows are read.
 */
export function readTradeList(bytes: Uint8Array): TradeList {
  const columns = new Map<TradeColumn, number>();
  const broken = (line: number, came: string, expected: Words, column: number | null = null): TradeList => ({
    rows: [],
    columns,
    faults: [{ line, column, field: null, came, expected }],
  });
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return broken(1, 'bytes that are not UTF-8', { en: 'a csv in UTF-8', zh: 'UTF-8 編碼的 csv' });
  }
  let parsed: readonly Parsed[];
  try {
    // Each record with the line that it ends on; a valid one never spans lines.
    parsed = parse(text, {
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      bom: true,
      // The heading, and one more than the limit: the rest of a million rows is never parsed.
      to: MAX_TRADES + 2,
    }) as unknown as Parsed[];
  } catch (error) {
    const { code, lines } = error as CsvError & { readonly lines?: number };
    return broken(lines ?? 1, String(code), { en: 'a csv with its quotes closed', zh: '引號完整的 csv' });
  }
  const [heading, ...records] = parsed;
  if (!heading) return broken(1, '', { en: `a heading line: ${TEMPLATE}`, zh: `標題行：${TEMPLATE}` });

  const beyond = records[MAX_TRADES];
  if (beyond) {
    const expected = { en: `at most ${MAX_TRADES} trades`, zh: `最多 ${MAX_TRADES} 項買賣` };
    return broken(beyond.info.lines, 'more', expected);
  }

  const faults: TradeFault[] = [];
  const line = heading.info.lines;
  heading.record.forEach((name, i) => {
    const field = TRADE_COLUMNS.find((column) => column === name.trim().toLowerCase());
    if (field && !columns.has(field)) columns.set(field, i + 1);
    else faults.push({ line, column: i + 1, field: null, came: name, expected: HEADING });
  });
  for (const field of NEEDED_COLUMNS) {
    if (columns.has(field)) continue;
    const expected = { en: `a column ${field}: ${TEMPLATE}`, zh: `${field} 一欄：${TEMPLATE}` };
    faults.push({ line, column: null, field, came: '', expected });
  }
  if (faults.length > 0) return { rows: [], columns, faults };

  const width = heading.record.length;
  const isWhole = ({ record }: Parsed) => record.length === width;
  for (const { record, info } of records.filter((one) => !isWhole(one))) {
    const expected = { en: `${width} columns, as the heading has`, zh: `與標題行相同的 ${width} 欄` };
    faults.push({ line: info.lines, column: null, field: null, came: `${record.length} columns`, expected });
  }
  const rows = records.filter(isWhole).map(({ record, info }) => ({
    line: info.lines,
    cells: Object.fromEntries([...columns].map(([field, column]) => [field, record[column - 1] ?? ''])),
  }));
  return { rows, columns, faults };
}

const TEMPLATE = TRADE_COLUMNS.join(',');
const HEADING: Words = { en: `each once: ${TEMPLATE}`, zh: `每欄一次：${TEMPLATE}` };
