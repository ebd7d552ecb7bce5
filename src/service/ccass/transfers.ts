import { marketDate } from '../../domain/calendar/calendar.ts';
import type { AccountTransfer, TransferStatus } from '../../domain/nouns/instructions.ts';
import type { MarketDate, Words } from '../../domain/nouns/market.ts';
import { isRefusal, type Refusal } from '../../domain/refusal.ts';
import { transferContent } from '../../domain/settlement/content.ts';
import { decideEach } from '../../domain/settlement/draft.ts';
import {
  decideTransfer,
  TRANSFER_REASONS,
  type TransferReason,
  type TransferRow,
} from '../../domain/settlement/transfer.ts';
import type { Session } from '../access/sessions.ts';
import { type MarketFacts, transferFacts } from '../batches/row-facts.ts';
import type { Caller, Context } from '../context.ts';
import { requestHead, rowsNoted } from '../journal-entries.ts';
import { cursorOf, openCursor, type Page } from './enquiries.ts';
import { stockCode, unknownFilter } from './filters.ts';

/** The outcome of one typed account transfer: valid ones execute, each failed one has a reason code. */
export interface TransferResult {
  /** The ATI, or null if it was refused. */
  readonly number: string | null;
  readonly reference: string;
  readonly status: TransferStatus | null;
  readonly reason: TransferReason | null;
  /** What to do about it. */
  readonly says: Words | null;
}

/** Inputs account transfers in one commit. Each row sees the shares as the rows before it left them. */
export async function inputTransfers(
  context: Context,
  session: Session,
  market: MarketFacts,
  rows: readonly TransferRow[],
  caller: Caller,
): Promise<readonly TransferResult[] | Refusal> {
  const { participant, user } = session;
  const results = await context.store.transact((books, at) => {
    const date = marketDate(at);
    const taken = new Set<string>();
    const facts = transferFacts(books, { participant, user, date }, market, taken);
    const input = { participant, user, batch: null, at, marketDate: date, rules: market.rules };
    const made: (AccountTransfer | undefined)[] = [];
    const { changes, reasons } = decideEach(books, rows, (draft, row) => {
      const named = { ...row, stock: stockCode(books, row.stock) };
      const decided = decideTransfer(draft, named, facts, input);
      made.push(typeof decided === 'string' ? undefined : transferIn(decided));
      if (typeof decided !== 'string') taken.add(row.reference);
      return decided;
    });
    const answer = rows.map(({ reference }, place): TransferResult => {
      const reason = reasons[place] ?? null;
      const { number = null, status = null } = made[place] ?? {};
      return { number, reference, status, reason, says: reason && TRANSFER_REASONS[reason] };
    });
    return { changes, answer };
  });
  if (isRefusal(results)) return results;
  const noted = rowsNoted(results, (place) => {
    const row = rows[place];
    return row && transferContent({ ...row, stock: stockCode(context.store.books, row.stock) });
  });
  const { channel } = session;
  context.journal.note('transfer', requestHead(context, caller, session), {
    ...{ act: 'input', ...noted },
    ...(channel && { channel }),
  });
  return results;
}

type Changes = Exclude<ReturnType<typeof decideTransfer>, string>;

function transferIn(changes: Changes): AccountTransfer | undefined {
  for (const change of changes) if (change.table === 'transfer' && change.row) return change.row;
  return undefined;
}

/** The participant's account transfers, by ATI number. */
export function transfers(
  context: Context,
  session: Session,
  query: {
    readonly status?: TransferStatus;
    readonly stock?: string;
    readonly inputDate?: MarketDate;
    readonly cursor?: string;
    readonly limit: number;
  },
): Page<AccountTransfer> | Refusal {
  const after = query.cursor === undefined ? undefined : openCursor('transfer', query.cursor);
  if (isRefusal(after)) return after;
  const unknown = unknownFilter(context.store.books, session.participant, query);
  if (unknown) return unknown;
  const { status, inputDate } = query;
  // One row more than the limit shows that a further page exists.
  const found = context.store.books.transfersOf(session.participant, {
    after,
    limit: query.limit + 1,
    where: { status, inputDate, stock: stockCode(context.store.books, query.stock) },
  });
  const rows = found.slice(0, query.limit);
  const last = rows.at(-1);
  return { rows, next: found.length > query.limit && last ? cursorOf('transfer', last.number) : null };
}
