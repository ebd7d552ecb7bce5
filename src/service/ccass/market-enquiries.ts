import { marketDate } from '../../domain/calendar/calendar.ts';
import type { MoneyMovement, StockMovement } from '../../domain/nouns/instructions.ts';
import type { Currency, DuePosition, MarketDate, MoneyBalance, Stock } from '../../domain/nouns/market.ts';
import { isRefusal, type Refusal } from '../../domain/refusal.ts';
import { isOutstanding } from '../../domain/settlement/due-position.ts';
import type { Session } from '../access/sessions.ts';
import type { Context } from '../context.ts';
import { cursorOf, openCursor, type Page, type PageQuery, pageOf } from './enquiries.ts';
import { stockCode, unknownFilter } from './filters.ts';

/** The participant's due and overdue positions: by stock, market or position type (CCASS Terminal User Guide, section 10). */
export function duePositions(
  context: Context,
  session: Session,
  query: PageQuery & { readonly stock?: string; readonly market?: string; readonly kind?: DuePosition['kind'] },
): Page<DuePosition> | Refusal {
  const { participant } = session;
  const after = query.cursor === undefined ? '' : openCursor('position', query.cursor);
  if (isRefusal(after)) return after;
  const unknown = unknownFilter(context.store.books, participant, query);
  if (unknown) return unknown;
  const code = stockCode(context.store.books, query.stock);
  const today = marketDate(context.clock.now());
  const filter = (row: DuePosition) =>
    isOutstanding(row, today) &&
    (code === undefined || row.stock === code) &&
    (query.market === undefined || row.market === query.market) &&
    (query.kind === undefined || row.kind === query.kind);
  const page = { after: `${participant}/${after}`, limit: query.limit + 1, filter };
  const found = context.store.books.duePositionsOf(participant, page);
  return pageOf(found, query.limit, ({ settlementDate, stock, kind }) =>
    cursorOf('position', `${settlementDate}/${stock}/${kind}`),
  );
}

/** The participant's money ledger: the balances of the six sub-accounts, one ledger a currency (Terminal User Guide 4.3.20). */
export function moneyLedger(
  context: Context,
  session: Session,
  query: { readonly currency?: Currency },
): readonly MoneyBalance[] {
  const rows = context.store.books
    .moneyBalancesOf(session.participant)
    .filter((row) => query.currency === undefined || row.currency === query.currency);
  return rows;
}

/** The participant's postings to the money ledger, the oldest first, each with the sub-account's balance after it. */
export function moneyMovements(
  context: Context,
  session: Session,
  query: {
    readonly currency?: Currency;
    readonly date?: MarketDate;
    readonly cursor?: string;
    readonly limit: number;
  },
): Page<MoneyMovement> | Refusal {
  const after = query.cursor === undefined ? undefined : openCursor('posting', query.cursor);
  if (isRefusal(after)) return after;
  const found = context.store.books.moneyMovementsOf(session.participant, {
    after,
    limit: query.limit + 1,
    where: { currency: query.currency, date: query.date },
  });
  return pageOf(found, query.limit, (row) => cursorOf('posting', row.number));
}

/** The CCASS stock list, by stock code; a stock is named by its code or its ISIN. */
export function stockList(
  context: Context,
  query: { readonly stock?: string; readonly isin?: string; readonly cursor?: string; readonly limit: number },
): Page<Stock> | Refusal {
  const after = query.cursor === undefined ? undefined : openCursor('stock', query.cursor);
  if (isRefusal(after)) return after;
  const code = stockCode(context.store.books, query.stock);
  const filter = (row: Stock) =>
    (code === undefined || row.code === code) && (query.isin === undefined || row.isin === query.isin);
  const found = context.store.books.stocks({ after, limit: query.limit + 1, filter });
  return pageOf(found, query.limit, (row) => cursorOf('stock', row.code));
}

/** The participant's stock movements by settlement or transfer, the oldest first, each with the balance after it. */
export function stockMovements(
  context: Context,
  session: Session,
  query: {
    readonly account?: string;
    readonly stock?: string;
    readonly date?: MarketDate;
    readonly cursor?: string;
    readonly limit: number;
  },
): Page<StockMovement> | Refusal {
  const after = query.cursor === undefined ? undefined : openCursor('movement', query.cursor);
  if (isRefusal(after)) return after;
  const unknown = unknownFilter(context.store.books, session.participant, query);
  if (unknown) return unknown;
  const found = context.store.books.stockMovementsOf(session.participant, {
    after,
    limit: query.limit + 1,
    where: { stock: stockCode(context.store.books, query.stock), account: query.account, date: query.date },
  });
  return pageOf(found, query.limit, (row) => cursorOf('movement', row.number));
}
