import type { Figure } from '../domain/margin/calculation.ts';
import type { MarketDate } from '../domain/nouns/market.ts';
import type { CorporateAction, Entitlement } from '../domain/positions/position-lines.ts';
import { isRefusal, type Refusal } from '../domain/refusal.ts';
import type { CsvColumn, CsvRecord, CsvRow } from './csv-table.ts';
import { every, readCode, readDay, readDecimal, readRows } from './risk-reports.ts';

/**
 * The Corporate Action Position Adjustment Report, twelve columns (Initial Margin Calculation Guide v1.4, section 4.5). The guide
 * contradicts itself about Ex-Date: YYYYMMDD by its specification, DD/MM/YYYY in its sample. The column's format, which is
 * data, says which one is written; both are read.
 */
export interface CorporateActionRow extends CsvRow {
  readonly businessDate: MarketDate;
  readonly exDate: MarketDate;
  readonly market: string;
  readonly instrument: string;
  readonly convertedInstrument: string | null;
  readonly quantityRatio: Figure | null;
  readonly cashDividendInstrument: string | null;
  readonly cashDividend: Figure | null;
  readonly stockDividendInstrument: string | null;
  readonly stockDividend: Figure | null;
  readonly rightsInstrument: string | null;
  readonly rights: Figure | null;
}

const ENTITLEMENTS = ['cashDividend', 'stockDividend', 'rights'] as const;
const NEEDED = [
  ...['businessDate', 'exDate', 'market', 'instrument', 'convertedInstrument', 'quantityRatio'],
  ...ENTITLEMENTS.flatMap((name) => [`${name}Instrument`, name]),
];

/** A row as `writeCsv` takes it. */
export function corporateActionRow({
  cashDividend,
  stockDividend,
  rights,
  ...action
}: CorporateAction): CorporateActionRow {
  const { businessDate, exDate, market, instrument, convertedInstrument, quantityRatio } = action;
  return {
    businessDate,
    exDate,
    market,
    instrument,
    convertedInstrument,
    quantityRatio,
    cashDividendInstrument: cashDividend?.instrument ?? null,
    cashDividend: cashDividend?.perShare ?? null,
    stockDividendInstrument: stockDividend?.instrument ?? null,
    stockDividend: stockDividend?.perShare ?? null,
    rightsInstrument: rights?.instrument ?? null,
    rights: rights?.perShare ?? null,
  };
}

/** @returns BAD_FILE, naming line and column, if a cell cannot be read */
export function readCorporateActions(
  columns: readonly CsvColumn[],
  file: Uint8Array | string,
): readonly CorporateAction[] | Refusal {
  return readRows('Corporate Action Position Adjustment Report', columns, NEEDED, file, (record) =>
    every<CorporateAction>({
      businessDate: readDay(record, 'businessDate'),
      exDate: readDay(record, 'exDate'),
      market: record.text('market'),
      instrument: readCode(record, 'instrument'),
      convertedInstrument: given(record, 'convertedInstrument', readCode),
      quantityRatio: given(record, 'quantityRatio', readDecimal),
      cashDividend: readEntitlement(record, 'cashDividend'),
      stockDividend: readEntitlement(record, 'stockDividend'),
      rights: readEntitlement(record, 'rights'),
    }),
  );
}

function given<T>(
  record: CsvRecord,
  value: string,
  read: (record: CsvRecord, value: string) => T | Refusal,
): T | null | Refusal {
  return record.text(value) === '' ? null : read(record, value);
}

/** Code and amount are both given, or neither. */
function readEntitlement(record: CsvRecord, name: (typeof ENTITLEMENTS)[number]): Entitlement | null | Refusal {
  const code = `${name}Instrument`;
  if (record.text(code) === '' && record.text(name) === '') return null;
  const read = every<Entitlement>({ instrument: readCode(record, code), perShare: readDecimal(record, name) });
  return isRefusal(read) ? read : { instrument: read.instrument, perShare: read.perShare };
}
