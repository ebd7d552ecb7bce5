import { formatHkt } from '../../domain/calendar/calendar.ts';
import type { DuePosition, ExactInteger, MarketDate } from '../../domain/nouns/market.ts';
import { isOutstanding } from '../../domain/settlement/due-position.ts';
import type { Books } from '../../store/books/books.ts';
import { money, positionValueCents, price, stockNamed, sumsBy } from './figures.ts';
import type { ReportMaker } from './maker.ts';

/**
 * Marks And Collateral Collection Report (CFIPM01): due and overdue positions at market price, by currency, settlement
 * date and stock code, as the CCASS Terminal User Guide, 4.3.16, prints them. The books hold no collateral yet, so no
 * quantity has the mark `#` (covered by collateral); the position number is the row's place in the report (assumed).
 */
export const marksCollection: ReportMaker = (books, { participant, businessDate }) => {
  const lines = valued(books, participant.id, businessDate);
  const positionCents = sumsBy(
    lines,
    ({ row }) => row.currency,
    ({ row }) => row.amountCents,
  );
  return {
    columns: [
      { heading: 'STM DATE', width: 10, align: 'left' },
      { heading: 'STOCK', width: 5, align: 'left' },
      { heading: 'CCY', width: 3, align: 'left' },
      { heading: 'ISIN', width: 12, align: 'left' },
      { heading: 'MKT', width: 4, align: 'left' },
      { heading: 'STM POS NUM', width: 11, align: 'right' },
      { heading: 'QUANTITY', width: 16, align: 'right' },
      { heading: 'MKT PRICE', width: 13, align: 'right' },
      { heading: 'MARKET VALUE', width: 20, align: 'right' },
      { heading: 'POSITION AMOUNT', width: 20, align: 'right' },
    ],
    rows: () =>
      lines.map(({ row, stock, valueCents }, place) => [
        row.settlementDate,
        row.stock,
        row.currency,
        stock.isin,
        row.market,
        String(place + 1),
        String(row.quantity),
        price(stock.priceMilli),
        money(valueCents),
        money(row.amountCents),
      ]),
    footer: [
      ...totals(lines).map(([currency, cents]) => [`MARKET VALUE ${currency}`, money(cents)] as const),
      ...[...positionCents].map(([currency, cents]) => [`POSITION AMOUNT ${currency}`, money(cents)] as const),
    ],
  };
};

/**
 * Intra-Day Margin Payable Report (CRMMG01): the positions of the snapshot at market price, as the CCASS Terminal User
 * Guide, 4.3.59, prints them. No position is abnormal here, so none has the mark `^` (excluded).
 */
export const intraDayMargin: ReportMaker = (books, { participant, businessDate, at }) => {
  const lines = valued(books, participant.id, businessDate);
  return {
    about: [['SNAPSHOT TIME', formatHkt(at)]],
    columns: [
      { heading: 'STOCK', width: 5, align: 'left' },
      { heading: 'CCY', width: 3, align: 'left' },
      { heading: 'STM DATE', width: 10, align: 'left' },
      { heading: 'QTY', width: 16, align: 'right' },
      { heading: 'MKT PRICE', width: 13, align: 'right' },
      { heading: 'MKT VALUE', width: 20, align: 'right' },
    ],
    rows: () =>
      lines.map(({ row, stock, valueCents }) => [
        row.stock,
        row.currency,
        row.settlementDate,
        String(row.quantity),
        price(stock.priceMilli),
        money(valueCents),
      ]),
    footer: totals(lines).map(([currency, cents]) => [`TOTAL ${currency}`, money(cents)]),
  };
};

/** The positions outstanding on a date, each with its value, by currency, settlement date and stock code. */
function valued(books: Books, participant: string, date: MarketDate) {
  const key = (row: DuePosition) => `${row.currency} ${row.settlementDate} ${row.stock} ${row.kind}`;
  return books
    .duePositionsOf(participant)
    .filter((row) => isOutstanding(row, date))
    .sort((a, b) => (key(a) < key(b) ? -1 : 1))
    .map((row) => {
      const stock = stockNamed(books, row.stock);
      return { row, stock, valueCents: positionValueCents(row.quantity, stock.priceMilli) };
    });
}

function totals(lines: ReturnType<typeof valued>): [currency: string, cents: ExactInteger][] {
  return [
    ...sumsBy(
      lines,
      ({ row }) => row.currency,
      ({ valueCents }) => valueCents,
    ),
  ];
}
