import { hhmmss } from '../../domain/calendar/calendar.ts';
import { stockNamed } from './figures.ts';
import type { ReportMaker } from './maker.ts';

/** Stock Movement Statement (ZSMOV01, a mock convention): debits and credits of the business date, the oldest first. */
export const stockMovements: ReportMaker = (books, { participant, businessDate }) => {
  const lines = books
    .stockMovementsOf(participant.id, { where: { date: businessDate } })
    .map((row) => ({ row, isin: stockNamed(books, row.stock).isin }));
  return {
    records: () =>
      lines.map(({ row, isin }) => ({
        number: row.number,
        account: row.account,
        stock: row.stock,
        isin,
        direction: row.quantity < 0 ? 'D' : 'C',
        quantity: Math.abs(row.quantity),
        balance: row.balance,
        time: hhmmss(row.at),
        kind: row.kind,
        instruction: row.instruction,
        counterparty: row.counterparty ?? '',
      })),
    columns: [
      { heading: 'MOVEMENT', width: 10, align: 'left' },
      { heading: 'TIME', width: 6, align: 'left' },
      { heading: 'ACCOUNT', width: 8, align: 'left' },
      { heading: 'STOCK', width: 5, align: 'left' },
      { heading: 'ISIN', width: 12, align: 'left' },
      { heading: 'DEBIT', width: 15, align: 'right' },
      { heading: 'CREDIT', width: 15, align: 'right' },
      { heading: 'BALANCE', width: 15, align: 'right' },
      { heading: 'TYPE', width: 4, align: 'left' },
      { heading: 'NUMBER', width: 9, align: 'left' },
      { heading: 'CPTY', width: 6, align: 'left' },
    ],
    rows: () =>
      lines.map(({ row, isin }) => [
        row.number,
        hhmmss(row.at),
        row.account,
        row.stock,
        isin,
        row.quantity < 0 ? String(-row.quantity) : '',
        row.quantity < 0 ? '' : String(row.quantity),
        String(row.balance),
        row.kind,
        row.instruction,
        row.counterparty ?? '',
      ]),
    footer: [['STOCK MOVEMENTS', String(lines.length)]],
  };
};
