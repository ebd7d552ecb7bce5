import { marketDate } from '../../domain/calendar/calendar.ts';
import { exactInteger } from '../../domain/exact-integer.ts';
import type { User } from '../../domain/nouns/access.ts';
import type { Batch, InstructionStatus, SettlementInstruction } from '../../domain/nouns/instructions.ts';
import type {
  Broadcast,
  Currency,
  ExactInteger,
  Holding,
  MarketDate,
  Participant,
  Stock,
} from '../../domain/nouns/market.ts';
import { isRefusal, type Refusal, refuse } from '../../domain/refusal.ts';
import { isEnquirable } from '../../domain/settlement/instruction-life.ts';
import type { Books } from '../../store/books/books.ts';
import type { Session } from '../access/sessions.ts';
import type { Context } from '../context.ts';
import { stockCode, unknownFilter } from './filters.ts';

/** One page of an enquiry; `next` is the cursor of the following page, or null at the end. */
export interface Page<T> {
  readonly rows: readonly T[];
  readonly next: string | null;
}

/** Which page of a list. */
export interface PageQuery {
  readonly cursor?: string;
  readonly limit: number;
}

export interface Profile {
  readonly participant: Participant;
  readonly user: Pick<User, 'id' | 'name' | 'role' | 'inputLimitHkdCents' | 'passwordSetAt'>;
  readonly accounts: readonly { readonly id: string; readonly name: { readonly en: string; readonly zh: string } }[];
}

export interface StockBalance {
  readonly account: string;
  readonly stock: Stock;
  readonly quantity: number;
  /** Of these, shares on hold for instructions that wait. */
  readonly onHold: number;
  /** Quantity times price, in cents of the stock's currency, rounded half up. */
  readonly marketValueCents: ExactInteger;
  readonly currency: Currency;
}

export function profile(context: Context, session: Session): Profile {
  const { books } = context.store;
  const participant = books.get('participant', session.participant);
  const user = books.get('user', `${session.participant}/${session.user}`);
  if (!participant || !user) throw new Error(`session ${session.ordinal} belongs to a user that the books lack`);
  const { id, name, role, inputLimitHkdCents, passwordSetAt } = user;
  return {
    participant,
    user: { id, name, role, inputLimitHkdCents, passwordSetAt },
    accounts: books.accountsOf(session.participant).map((account) => ({ id: account.id, name: account.name })),
  };
}

/** The participant's stock balances, by account and stock code. */
export function stockBalances(
  context: Context,
  session: Session,
  query: { readonly account?: string; readonly stock?: string; readonly cursor?: string; readonly limit: number },
): Page<StockBalance> | Refusal {
  const after = query.cursor === undefined ? '' : openCursor('balance', query.cursor);
  if (isRefusal(after)) return after;
  const unknown = unknownFilter(context.store.books, session.participant, query);
  if (unknown) return unknown;
  // One row more than the limit shows that a further page exists.
  const found = holdingsPage(context.store.books, session.participant, query, after);
  const rows = found.slice(0, query.limit).map((holding) => stockBalance(context.store.books, holding));
  const last = rows.at(-1);
  const next = found.length > query.limit && last ? cursorOf('balance', `${last.account}/${last.stock.code}`) : null;
  return { rows, next };
}

/** Holdings with shares, by account and stock code, after `after`; if a stock is named, one lookup for each account. */
function holdingsPage(
  books: Books,
  participant: string,
  query: { readonly account?: string; readonly stock?: string; readonly limit: number },
  after: string,
): readonly Holding[] {
  const code = stockCode(books, query.stock);
  if (code === undefined) {
    return books.holdingsOf(participant, {
      after: `${participant}/${after}`,
      limit: query.limit + 1,
      filter: ({ account, quantity }) => quantity !== 0 && (query.account === undefined || account === query.account),
    });
  }
  const accounts = query.account === undefined ? books.accountsOf(participant).map(({ id }) => id) : [query.account];
  const found: Holding[] = [];
  for (const account of accounts) {
    const place = `${account}/${code}`;
    const holding = place > after ? books.get('holding', `${participant}/${place}`) : undefined;
    if (holding && holding.quantity !== 0) found.push(holding);
  }
  return found.slice(0, query.limit + 1);
}

function stockBalance(books: Books, { account, stock: code, quantity, onHold }: Holding): StockBalance {
  const stock = books.get('stock', code);
  if (!stock) throw new Error(`a holding names stock ${code}, which the books lack`);
  const { priceMilli, currency } = stock;
  return {
    account,
    stock,
    quantity,
    onHold: onHold ?? 0,
    marketValueCents: marketValueCents(quantity, priceMilli),
    currency,
  };
}

/** The participant's settlement instructions, by SI number. Deleted ones only by `status`, on the day they were deleted (Enquire Deleted SI). */
export function instructions(
  context: Context,
  session: Session,
  query: {
    readonly status?: InstructionStatus;
    readonly stock?: string;
    readonly counterparty?: string;
    readonly settlementDate?: MarketDate;
    readonly inputDate?: MarketDate;
    readonly cursor?: string;
    readonly limit: number;
  },
): Page<SettlementInstruction> | Refusal {
  const after = query.cursor === undefined ? undefined : openCursor('instruction', query.cursor);
  if (isRefusal(after)) return after;
  const unknown = unknownFilter(context.store.books, session.participant, query);
  if (unknown) return unknown;
  const today = marketDate(context.clock.now());
  const { status, settlementDate, counterparty, inputDate } = query;
  // One row more than the limit shows that a further page exists.
  const found = context.store.books.instructionsOf(session.participant, {
    after,
    limit: query.limit + 1,
    where: {
      life: (its, date) =>
        status === undefined
          ? isEnquirable(its, date, 'F', today)
          : its === status && isEnquirable(its, date, status === 'deleted' ? 'G' : 'F', today),
      settlementDate,
      counterparty,
      inputDate,
      stock: stockCode(context.store.books, query.stock),
    },
  });
  const rows = found.slice(0, query.limit);
  const last = rows.at(-1);
  return { rows, next: found.length > query.limit && last ? cursorOf('instruction', last.number) : null };
}

export function instruction(context: Context, session: Session, number: string): SettlementInstruction | Refusal {
  const row = context.store.books.get('instruction', number);
  // Another participant's SI is answered like one that does not exist.
  if (row?.participant === session.participant && isAnyEnquirable(row, marketDate(context.clock.now()))) return row;
  return refuse('NOT_FOUND', {
    en: `You have no settlement instruction ${number}, or it was deleted before today. List yours: GET /ccass/v1/settlement-instructions`,
    zh: `閣下並無交收指示 ${number}，或該指示已於今日之前刪除。查閱指示：GET /ccass/v1/settlement-instructions`,
  });
}

/** Shown by Enquire SI or, on the day that it was deleted, by Enquire Deleted SI. */
function isAnyEnquirable({ status, statusAt, inputAt }: SettlementInstruction, today: MarketDate): boolean {
  return isEnquirable(status, marketDate(statusAt ?? inputAt), status === 'deleted' ? 'G' : 'F', today);
}

/** Broadcast messages, the newest first. */
export function broadcasts(context: Context, query: PageQuery): Page<Broadcast> | Refusal {
  const after = query.cursor === undefined ? undefined : openCursor('broadcast', query.cursor);
  if (isRefusal(after)) return after;
  const found = context.store.books.broadcasts({ after, limit: query.limit + 1 });
  return pageOf(found, query.limit, ({ number }) => cursorOf('broadcast', number));
}

/** The participant's batches, the newest first. */
export function batches(context: Context, session: Session, query: PageQuery): Page<Batch> | Refusal {
  const after = query.cursor === undefined ? undefined : openCursor('batch', query.cursor);
  if (isRefusal(after)) return after;
  const found = context.store.books.batchesOf(session.participant, { after, limit: query.limit + 1 });
  return pageOf(found, query.limit, ({ reference }) => cursorOf('batch', reference));
}

export function batch(context: Context, session: Session, reference: string): Batch | Refusal {
  const found = context.store.books.get('batch', reference);
  if (found?.participant === session.participant) return found;
  return refuse('NOT_FOUND', {
    en: `You have no batch ${reference}. A fail-over may have lost it: send the file again. List yours: GET /ccass/v1/batches`,
    zh: `閣下並無批次 ${reference}。切換數據中心後該批次可能已遺失：請重新上載。查閱批次：GET /ccass/v1/batches`,
  });
}

/** Shares times thousandths, in cents, rounded half up; exact at any size. */
export function marketValueCents(quantity: number, priceMilli: number): ExactInteger {
  const milli = quantity * priceMilli;
  if (Number.isSafeInteger(milli)) return Math.floor((milli + 5) / 10);
  return exactInteger((BigInt(quantity) * BigInt(priceMilli) + 5n) / 10n);
}

/** One page; `found` has one row more than `limit` if there is a further page. */
export function pageOf<T>(found: readonly T[], limit: number, cursor: (last: T) => string): Page<T> {
  const rows = found.slice(0, limit);
  const last = rows.at(-1);
  return { rows, next: found.length > limit && last !== undefined ? cursor(last) : null };
}

/** Cursors name their list and the key that it continues after, which stays valid after a switch. */
export function cursorOf(list: string, after: string): string {
  return Buffer.from(`${list}:${after}`).toString('base64url');
}

/** The key in a cursor of this list. */
export function openCursor(list: string, text: string): string | Refusal {
  const plain = text.length <= 80 ? Buffer.from(text, 'base64url').toString() : '';
  return plain.startsWith(`${list}:`) ? plain.slice(list.length + 1) : badCursor();
}

/** The cursor is none of this list. */
export function badCursor(): Refusal {
  return refuse('BAD_CURSOR', {
    en: 'Send the `next` of the previous page unchanged, or leave the cursor out to start from the beginning.',
    zh: '請原樣傳送上一頁的 `next`，或略去分頁標記以重新開始。',
  });
}
