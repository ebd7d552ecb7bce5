import { marketDate } from '../../domain/calendar/calendar.ts';
import { type Change, put } from '../../domain/change.ts';
import type { JournalDetails } from '../../domain/journal/journal.ts';
import type { InstructionStatus } from '../../domain/nouns/instructions.ts';
import type { Instant, Words } from '../../domain/nouns/market.ts';
import { isRefusal, type Refusal } from '../../domain/refusal.ts';
import { decideRow, type InstructionRow, ROW_REASONS } from '../../domain/settlement/batch.ts';
import { type Content, instructionContent, rowContent } from '../../domain/settlement/content.ts';
import { createDraft, decideEach } from '../../domain/settlement/draft.ts';
import {
  type Actor,
  decideAuthorise,
  decideChange,
  decideDelete,
  decideHold,
  decideRevoke,
  INSTRUCTION_REASONS,
  type InstructionChange,
} from '../../domain/settlement/instruction.ts';
import { asInput } from '../../domain/settlement/instruction-life.ts';
import type { Books } from '../../store/books/books.ts';
import type { Session } from '../access/sessions.ts';
import { instructionNumber, type MarketFacts, rowFacts } from '../batches/row-facts.ts';
import type { Caller, Context } from '../context.ts';
import { requestHead, rowsNoted } from '../journal-entries.ts';
import { stockCode } from './filters.ts';

const REASONS: Readonly<Record<string, Words>> = { ...ROW_REASONS, ...INSTRUCTION_REASONS };

/** The outcome of one row of an update: valid rows execute, each failed one has a reason code (Terminal User Guide). */
export interface RowResult {
  /** The SI, or null for an input that was refused. */
  readonly number: string | null;
  readonly reference: string | null;
  readonly status: InstructionStatus | null;
  readonly reason: string | null;
  /** What to do about it. */
  readonly says: Words | null;
}

/** The sub-functions of SI Maintenance on existing instructions. */
export type Maintenance =
  | { readonly act: 'authorise' | 'delete' | 'revoke'; readonly numbers: readonly string[] }
  | { readonly act: 'hold'; readonly numbers: readonly string[]; readonly hold: boolean }
  | { readonly act: 'change'; readonly numbers: readonly string[]; readonly change: InstructionChange };

/** A: inputs instructions; those under maker-checker wait for authorisation. One commit, even if rows fail. */
export async function inputInstructions(
  context: Context,
  session: Session,
  market: MarketFacts,
  rows: readonly InstructionRow[],
  caller: Caller,
): Promise<readonly RowResult[] | Refusal> {
  const { participant, user } = session;
  const results = await context.store.transact((books, at) => {
    const date = marketDate(at);
    const taken = new Set<string>();
    const facts = rowFacts(books, { participant, user, date }, market, taken);
    const changes: Change[] = [];
    let next = books.counter('instruction');
    const answer = rows.map((row): RowResult => {
      const who = { participant, user, batch: null, at, marketDate: date, number: instructionNumber(next) };
      const decided = decideRow({ ...row, stock: stockCode(books, row.stock) }, facts, who);
      if (typeof decided === 'string') return failed(null, row.reference, decided);
      const instruction = asInput(decided, market.rules);
      changes.push(put('instruction', instruction));
      taken.add(row.reference);
      next++;
      return done(instruction);
    });
    if (changes.length > 0) changes.push(put('counter', { name: 'instruction', next }));
    return { changes, answer };
  });
  const contents = rows.map((row) => rowContent({ ...row, stock: stockCode(context.store.books, row.stock) }));
  return noted(context, session, caller, 'input', results, contents);
}

/** B to E and Change Hold: authorises, changes, deletes, revokes, holds or releases. */
export async function maintainInstructions(
  context: Context,
  session: Session,
  market: MarketFacts,
  request: Maintenance,
  caller: Caller,
): Promise<readonly RowResult[] | Refusal> {
  const { participant, user } = session;
  const contents: (Content | undefined)[] = [];
  const results = await context.store.transact((books, at) => {
    const role = books.get('user', `${participant}/${user}`)?.role ?? 'maker';
    const actor: Actor = { by: { participant, user, role }, at };
    const decide = decider(books, at, session, market, actor, request);
    const { changes, reasons } = decideEach(books, request.numbers, decide);
    const after = createDraft(books);
    after.add(changes);
    const answer = request.numbers.map((number, place): RowResult => {
      const reason = reasons[place] ?? null;
      const row = after.get('instruction', number);
      const mine = row?.participant === participant ? row : undefined;
      contents.push(mine && instructionContent(mine));
      if (reason !== null) return { ...failed(number, mine?.reference ?? null, reason), status: mine?.status ?? null };
      if (!mine) throw new Error(`${number} was changed and does not exist`);
      return done(mine);
    });
    return { changes, answer };
  });
  const act = request.act === 'hold' && !request.hold ? 'release' : request.act;
  return noted(context, session, caller, act, results, contents);
}

function decider(
  books: Books,
  at: Instant,
  { participant, user }: Session,
  market: MarketFacts,
  actor: Actor,
  request: Maintenance,
) {
  type Decide = Parameters<typeof decideEach<string, string>>[2];
  const facts = rowFacts(books, { participant, user, date: marketDate(at) }, market, new Set());
  const acts: { readonly [A in Maintenance['act']]: Decide } = {
    authorise: (rows, number) => decideAuthorise(rows, number, actor, market.rules),
    change: (rows, number) =>
      decideChange(rows, number, 'change' in request ? request.change : {}, facts, actor, market.rules),
    delete: (rows, number) => decideDelete(rows, number, actor),
    revoke: (rows, number) => decideRevoke(rows, number, actor),
    hold: (rows, number) => decideHold(rows, number, 'hold' in request && request.hold, facts, actor),
  };
  return acts[request.act];
}

function done({
  number,
  reference,
  status,
}: {
  number: string;
  reference: string;
  status: InstructionStatus;
}): RowResult {
  return { number, reference, status, reason: null, says: null };
}

function failed(number: string | null, reference: string | null, reason: string): RowResult {
  return { number, reference, status: null, reason, says: REASONS[reason] ?? null };
}

function noted(
  context: Context,
  session: Session,
  caller: Caller,
  act: JournalDetails['instruction']['act'],
  results: readonly RowResult[] | Refusal,
  contents: readonly (Content | undefined)[],
) {
  if (isRefusal(results)) return results;
  const { channel } = session;
  const rows = rowsNoted(results, (place) => contents[place]);
  context.journal.note('instruction', requestHead(context, caller, session), {
    act,
    ...(channel && { channel }),
    ...rows,
  });
  return results;
}
