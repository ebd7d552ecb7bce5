import type {
  AccountTransfer,
  InstructionStatus,
  MoneyMovement,
  SettlementInstruction,
  StockMovement,
} from '../../../domain/nouns/instructions.ts';
import type { MarketDate } from '../../../domain/nouns/market.ts';
import { SERIES } from '../../../domain/series.ts';
import { isOpen, lifeDate } from '../../../domain/settlement/instruction-life.ts';
import { FacetIndex } from './facet-index.ts';
import { LongTable } from './long-table.ts';
import { ReferenceIndex } from './reference-index.ts';

const HOUR_MS = 3_600_000;

/** The long tables of new, empty books, and the facets that their rows are looked up by. A new facet is one line here. */
export function newLongTables() {
  return {
    instruction: new LongTable(
      SERIES.instruction,
      new FacetIndex({
        /** Status and date together, so that a run finds only what is due. */
        life: lifeFacet(),
        settlementDate: (row: SettlementInstruction) => row.settlementDate,
        stock: (row) => row.stock,
        counterparty: (row) => row.counterparty,
        inputDate: (row) => row.inputDate,
      }),
      new ReferenceIndex(),
    ),
    transfer: new LongTable(
      SERIES.transfer,
      new FacetIndex({
        status: (row: AccountTransfer) => row.status,
        stock: (row) => row.stock,
        inputDate: (row) => row.inputDate,
      }),
      new ReferenceIndex(),
    ),
    stockMovement: new LongTable(
      SERIES.stockMovement,
      new FacetIndex({
        account: (row: StockMovement) => row.account,
        stock: (row) => row.stock,
        date: (row) => row.date,
      }),
    ),
    moneyMovement: new LongTable(
      SERIES.moneyMovement,
      new FacetIndex({
        date: (row: MoneyMovement) => row.date,
        currency: (row) => row.currency,
      }),
    ),
  };
}

/** Whether SIs of this status and life date (instruction-life.ts) are wanted. */
export type LifeWanted = (status: InstructionStatus, date: MarketDate) => boolean;

/** The same predicate, on a value of the facet. */
export function ofLife(wanted: LifeWanted): (value: string) => boolean {
  return (value) => {
    const [status = '', date = ''] = value.split(' ');
    return wanted(status as InstructionStatus, date);
  };
}

/** `matched 2021-07-26`. Each text is made once, not once per row; so is the date of rows that ended within one hour. */
function lifeFacet(): (row: SettlementInstruction) => string {
  const known = new Map<InstructionStatus, Map<MarketDate, string>>();
  let hour = Number.NaN;
  let endDate = '';
  return (row) => {
    let date = row.settlementDate;
    if (!isOpen(row)) {
      const its = Math.floor((row.statusAt ?? row.inputAt) / HOUR_MS);
      if (its !== hour) [hour, endDate] = [its, lifeDate(row)];
      date = endDate;
    }
    const dates = known.get(row.status);
    const text = dates?.get(date);
    if (text !== undefined) return text;
    const made = `${row.status} ${date}`;
    if (dates) dates.set(date, made);
    else known.set(row.status, new Map([[date, made]]));
    return made;
  };
}
