import { addDays, marketDate } from '../../domain/calendar/calendar.ts';
import { type Change, put } from '../../domain/change.ts';
import type { JournalDetails } from '../../domain/journal/journal.ts';
import { MOST_ROWS } from '../../domain/journal/kinds/business.ts';
import type { SettlementInstruction } from '../../domain/nouns/instructions.ts';
import type { Holding, Instant, MarketDate } from '../../domain/nouns/market.ts';
import { isRefusal } from '../../domain/refusal.ts';
import { AUTO_USER, dueOppositeSteps, needsOpposite, oppositeOf } from '../../domain/settlement/auto-counterparty.ts';
import { decideRow } from '../../domain/settlement/batch.ts';
import { instructionContent } from '../../domain/settlement/content.ts';
import { decideChange } from '../../domain/settlement/instruction.ts';
import type { Books } from '../../store/books/books.ts';
import { instructionNumber, type MarketFacts, rowFacts } from '../batches/row-facts.ts';
import type { Context } from '../context.ts';
import { inTurns } from '../in-turns.ts';

/** Rows decided in one commit, so that other requests are served in between. */
const ROWS_A_COMMIT = 1024;

/**
 * Inputs the opposite of every SI that has waited long enough, once each, also if the other centre did some of them. Where
 * the SI was changed after its opposite was input, changes the opposite as well. Returns when the next one will be due; null
 * = none waits, the option is off, or this centre does not lead.
 */
export async function inputOpposites(context: Context, market: MarketFacts): Promise<Instant | null> {
  const { store, clock, journal, centre } = context;
  const option = market.rules.autoCounterparty;
  if (!option) return null;
  const afterMs = option.afterMinutes * 60_000;
  const unmatched = store.books.instructionsWhere((status) => status === 'unmatched');
  const { due, next } = await inTurns(dueOppositeSteps(unmatched, clock.now(), afterMs));
  for (let from = 0; from < due.length; from += ROWS_A_COMMIT) {
    const some = due.slice(from, from + ROWS_A_COMMIT);
    const numbers = await store.transact((books, at) => {
      const changes: Change[] = [];
      const done: string[] = [];
      let number = books.counter('instruction');
      for (const name of some) {
        const row = books.get('instruction', name);
        if (!row || !needsOpposite(row, at, afterMs)) continue;
        const decided = decideOpposite(books, row, market, at, instructionNumber(number));
        if (!decided) continue;
        changes.push(...decided.changes);
        done.push(name);
        if (decided.isNew) number++;
      }
      if (changes.length > 0) changes.push(put('counter', { name: 'instruction', next: number }));
      return { changes, answer: done };
    });
    if (isRefusal(numbers)) return null;
    if (numbers.length === 0) continue;
    journal.note('instruction', { centre, service: 'ccass', user: AUTO_USER }, doneDetail(store.books, some, numbers));
  }
  return next;
}

function doneDetail(books: Books, due: readonly string[], done: readonly string[]): JournalDetails['instruction'] {
  const rows = done.slice(0, MOST_ROWS).flatMap((number) => {
    const row = books.get('instruction', number);
    return row ? [{ number, reference: row.reference, content: String(instructionContent(row)) }] : [];
  });
  const refused = due.length - done.length;
  const left = done.length - rows.length;
  return { act: 'auto-counterparty', accepted: done.length, refused, rows, ...(left > 0 && { rowsLeftOut: left }) };
}

/** The opposite as a new SI, or as a change of the existing one; null if the rules of input do not allow it. */
function decideOpposite(
  books: Books,
  row: SettlementInstruction,
  market: MarketFacts,
  at: Instant,
  number: string,
): { readonly changes: readonly Change[]; readonly isNew: boolean } | null {
  const participant = row.counterparty;
  const account = accountFor(books, participant, row.stock);
  if (account === undefined) return null;
  const today = marketDate(at);
  const opposite = oppositeOf(row, account);
  const facts = rowFacts(books, { participant, user: AUTO_USER, date: today }, market, new Set());
  // An SI that has waited may have a settlement date that is too early for input now.
  const isSettlementDate = (date: string) => date === row.settlementDate || facts.isSettlementDate(date);
  const lenient = { ...facts, isSettlementDate };
  const before = earlier(books, participant, opposite.reference, row.inputDate, today);
  if (before) {
    const { quantity, payment, currency, amountCents, settlementDate } = opposite;
    const change = { quantity, payment, currency, amountCents, settlementDate };
    const actor = { by: { participant, user: AUTO_USER, role: 'maker' as const }, at };
    const changes = decideChange(books, before.number, change, lenient, actor, { makerChecker: false });
    return typeof changes === 'string' ? null : { changes, isNew: false };
  }
  const who = { participant, user: AUTO_USER, batch: null, at, marketDate: today, number };
  const decided = decideRow(opposite, lenient, who);
  return typeof decided === 'string' ? null : { changes: [put('instruction', decided)], isNew: true };
}

/** The account where the counterparty has most free shares of the stock, else its first account. */
function accountFor(books: Books, participant: string, stock: string): string | undefined {
  const free = (row: Holding) => row.quantity - (row.onHold ?? 0);
  const holdings = books.holdingsOf(participant, { filter: (row) => row.stock === stock });
  const most = holdings.toSorted((a, b) => free(b) - free(a))[0];
  return most && free(most) > 0 ? most.account : books.accountsOf(participant)[0]?.id;
}

/** The opposite that was input already, on any date since the SI was input. */
function earlier(
  books: Books,
  participant: string,
  reference: string,
  from: MarketDate,
  until: MarketDate,
): SettlementInstruction | undefined {
  for (let date = from; date <= until; date = addDays(date, 1)) {
    const row = books.instructionByReference(participant, date, reference);
    if (row?.user === AUTO_USER) return row;
  }
  return undefined;
}
