import { isOpen } from '../../domain/settlement/instruction-life.ts';
import { money, stockNamed, sumsBy } from './figures.ts';
import type { ReportMaker } from './maker.ts';

/**
 * SI Full List (ZSILS01; the name is published, ID and content are mock conventions): every SI of the participant that is still
 * open, and those that settled, were deleted or were purged on the business date, in order of SI number.
 */
export const instructionList: ReportMaker = (books, { participant, businessDate }) => {
  const lines = books
    .instructionsOf(participant.id, {
      where: {
        life: (status, date) => isOpen({ status }) || date >= businessDate,
        inputDate: (date) => date <= businessDate,
      },
    })
    .map((row) => ({ row, isin: stockNamed(books, row.stock).isin }));
  const counts = sumsBy(
    lines,
    ({ row }) => row.status,
    () => 1,
  );
  return {
    *records() {
      for (const { row, isin } of lines)
        yield {
          number: row.number,
          reference: row.reference,
          side: row.side === 'deliver' ? 'D' : 'R',
          stock: row.stock,
          isin,
          quantity: row.quantity,
          counterparty: row.counterparty,
          account: row.account,
          payment: row.payment,
          currency: row.currency ?? '',
          amountCents: row.amountCents,
          settlementDate: row.settlementDate,
          hold: row.hold ? 'Y' : 'N',
          status: row.status,
          inputDate: row.inputDate,
          user: row.user,
          batch: row.batch ?? '',
          matchedWith: row.matchedWith ?? '',
        };
    },
    columns: [
      { heading: 'SI NUMBER', width: 9, align: 'left' },
      { heading: 'REFERENCE', width: 16, align: 'left' },
      { heading: 'D/R', width: 3, align: 'left' },
      { heading: 'STOCK', width: 5, align: 'left' },
      { heading: 'QUANTITY', width: 15, align: 'right' },
      { heading: 'CPTY', width: 6, align: 'left' },
      { heading: 'ACCOUNT', width: 8, align: 'left' },
      { heading: 'PAY', width: 3, align: 'left' },
      { heading: 'CCY', width: 3, align: 'left' },
      { heading: 'AMOUNT', width: 18, align: 'right' },
      { heading: 'STM DATE', width: 10, align: 'left' },
      { heading: 'HOLD', width: 4, align: 'left' },
      { heading: 'STATUS', width: 16, align: 'left' },
    ],
    *rows() {
      for (const { row } of lines)
        yield [
          row.number,
          row.reference,
          row.side === 'deliver' ? 'D' : 'R',
          row.stock,
          String(row.quantity),
          row.counterparty,
          row.account,
          row.payment,
          row.currency ?? '',
          money(row.amountCents),
          row.settlementDate,
          row.hold ? 'Y' : 'N',
          row.status.toUpperCase(),
        ];
    },
    footer: [
      ...[...counts].map(([status, count]) => [status.toUpperCase(), String(count)] as const),
      ['SETTLEMENT INSTRUCTIONS', String(lines.length)],
    ],
  };
};
