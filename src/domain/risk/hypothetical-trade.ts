import type { Currency, Words } from '../nouns/market.ts';

/** A trade that a simulation assumes. */
export interface HypotheticalTrade {
  /** Stock code of the counter, 9(5). */
  readonly stock: string;
  readonly side: 'buy' | 'sell';
  /** Shares, > 0. */
  readonly quantity: number;
  readonly currency: Currency;
  /** For one share, a decimal text; null = at the price that the simulation uses. */
  readonly price: string | null;
}

/** A row of hypothetical trades as received, typed or in a csv: one text per column, absent if the input has none. */
export interface TradeRow {
  /** 1-based: the line of the csv, or the index in the typed list. */
  readonly line: number;
  readonly cells: Readonly<Partial<Record<TradeColumn, string>>>;
}

/** The columns of a csv of hypothetical trades, in the order of the template; the last two may be left out. */
export const TRADE_COLUMNS = ['instrument', 'side', 'quantity', 'price', 'currency'] as const;
export type TradeColumn = (typeof TRADE_COLUMNS)[number];
export const NEEDED_COLUMNS: readonly TradeColumn[] = ['instrument', 'side', 'quantity'];

/** A fault of a row or of the file: the place, the value received, and what was expected. */
export interface TradeFault {
  readonly line: number;
  /** 1-based column of the csv; null if no column is at fault, or the trades were typed. */
  readonly column: number | null;
  readonly field: TradeColumn | null;
  readonly came: string;
  readonly expected: Words;
}

/** A stock that may be traded. */
interface TradedStock {
  readonly code: string;
  readonly currency: Currency;
}

/** Trades of one simulation, typed or in a csv (assumed); more would delay every other request of the centre. */
export const MAX_TRADES = 10_000;

const MOST_SHARES = 999_999_999_999;
const SIDES: Readonly<Record<string, HypotheticalTrade['side']>> = { B: 'buy', BUY: 'buy', S: 'sell', SELL: 'sell' };

/**
 * The trades of all rows, or every fault of every row: all or none. `columns` has the column of each field in the csv. The
 * format is a mock convention: HKEX publishes none for the trades of a simulation.
 */
export function readTrades(
  rows: readonly TradeRow[],
  stock: (code: string) => TradedStock | undefined,
  columns: ReadonlyMap<TradeColumn, number> = new Map(),
): readonly HypotheticalTrade[] | { readonly faults: readonly TradeFault[] } {
  const faults: TradeFault[] = [];
  const trades = rows.map((row) => readTrade(row, stock, columns, faults));
  return faults.length > 0 ? { faults } : trades.filter((trade) => trade !== null);
}

function readTrade(
  { line, cells }: TradeRow,
  stockOf: (code: string) => TradedStock | undefined,
  columns: ReadonlyMap<TradeColumn, number>,
  faults: TradeFault[],
): HypotheticalTrade | null {
  const cell = (field: TradeColumn) => cells[field]?.trim() ?? '';
  const report = (field: TradeColumn, expected: Words): null => {
    const came = cells[field] === undefined ? '' : cells[field];
    faults.push({ line, column: columns.get(field) ?? null, field, came, expected });
    return null;
  };

  const code = /^[0-9]{1,5}$/.test(cell('instrument')) ? cell('instrument').padStart(5, '0') : '';
  const stock = stockOf(code) ?? report('instrument', EXPECTED.instrument);
  const side = SIDES[cell('side').toUpperCase()] ?? report('side', EXPECTED.side);
  const shares = /^[0-9]{1,12}$/.test(cell('quantity')) ? Number(cell('quantity')) : 0;
  const quantity = shares >= 1 && shares <= MOST_SHARES ? shares : report('quantity', EXPECTED.quantity);
  const isPrice = /^[0-9]{1,9}(\.[0-9]{1,6})?$/.test(cell('price')) && Number(cell('price')) > 0;
  if (cell('price') !== '' && !isPrice) report('price', EXPECTED.price);
  const currency = cell('currency').toUpperCase();
  if (stock && currency !== '' && currency !== stock.currency) {
    const { currency: needed } = stock;
    report('currency', {
      en: `${needed}, the currency of the counter, or nothing`,
      zh: `該股份代號的貨幣 ${needed}，或留空`,
    });
  }
  if (!stock || !side || quantity === null) return null;
  return { stock: stock.code, side, quantity, currency: stock.currency, price: isPrice ? cell('price') : null };
}

const EXPECTED: Readonly<Record<Exclude<TradeColumn, 'currency'>, Words>> = {
  instrument: {
    en: 'a stock code of the market, such as 700 (GET /ccass/v1/stocks lists them)',
    zh: '市場上的股份代號，如 700（見 GET /ccass/v1/stocks）',
  },
  side: { en: 'B or S', zh: 'B（買）或 S（賣）' },
  quantity: { en: `a whole number of shares from 1 to ${MOST_SHARES}`, zh: `1 至 ${MOST_SHARES} 的整數股數` },
  price: {
    en: 'a price above 0 with at most 6 decimals, or nothing for the price that the simulation uses',
    zh: '大於 0、最多 6 位小數的價格，或留空以採用所選價格',
  },
};
