import { type Change, put } from '../../src/domain/change.ts';
import type { SettlementInstruction, Side } from '../../src/domain/nouns/instructions.ts';
import type { Currency, MarketDate } from '../../src/domain/nouns/market.ts';
import type { RowFacts } from '../../src/domain/settlement/batch.ts';
import type { Actor } from '../../src/domain/settlement/instruction.ts';
import { asInput } from '../../src/domain/settlement/instruction-life.ts';
import { decideMatches, findPairs } from '../../src/domain/settlement/matching.ts';
import { settlementRun, type WaitReason } from '../../src/domain/settlement/settlement.ts';
import { ASSUMED_RULES, type SettlementRules } from '../../src/domain/settlement/settlement-rules.ts';
import { Books } from '../../src/store/books/books.ts';
import { facts } from './batch-facts.ts';

/** A market of three participants, small enough that instructions meet. */
export const PARTICIPANTS = ['B09901', 'B09902', 'C09901'] as const;
export const ACCOUNTS = ['01', '03'] as const;
export const STOCKS = ['00005', '00700'] as const;
export const DATE = '2021-07-26';
export const AT = Date.UTC(2021, 6, 26, 2);

export interface Stocked {
  readonly shares?: number;
  readonly cents?: number;
}

/** Books with these shares of each stock in account 01, and this money in HKD, of every participant. */
export function openBooks({ shares = 1_000, cents = 1_000_00 }: Stocked = {}): Books {
  const books = new Books();
  for (const participant of PARTICIPANTS) {
    for (const stock of STOCKS) {
      if (shares > 0) books.apply(put('holding', { participant, account: '01', stock, quantity: shares }));
    }
    books.apply(put('moneyBalance', { participant, currency: 'HKD', subAccount: 'settlement', balanceCents: cents }));
  }
  return books;
}

export function apply(books: Books, changes: readonly Change[] | string): void {
  if (typeof changes === 'string') throw new Error(`refused: ${changes}`);
  for (const change of changes) books.apply(change);
}

let numbers = 0;

/** An SI of B09901 that delivers 400 HSBC to B09902 against payment, with the given changes. */
export function si(more: Partial<SettlementInstruction> = {}): SettlementInstruction {
  const number = `D${String(++numbers).padStart(8, '0')}`;
  return {
    number,
    participant: 'B09901',
    user: 'MAKER01',
    reference: `REF-${number}`,
    side: 'deliver',
    stock: '00005',
    quantity: 400,
    counterparty: 'B09902',
    account: '01',
    payment: 'DVP',
    currency: 'HKD',
    amountCents: 100_00,
    settlementDate: DATE,
    hold: false,
    narrative: '',
    status: 'unmatched',
    inputAt: AT - 86_400_000,
    inputDate: '2021-07-25',
    batch: null,
    ...more,
  };
}

/** The counterparty's own SI. */
export function mirror(row: SettlementInstruction, more: Partial<SettlementInstruction> = {}): SettlementInstruction {
  const side: Side = row.side === 'deliver' ? 'receive' : 'deliver';
  return si({ ...terms(row), side, participant: row.counterparty, counterparty: row.participant, ...more });
}

function terms({ stock, quantity, payment, currency, amountCents, settlementDate }: SettlementInstruction) {
  return { stock, quantity, payment, currency, amountCents, settlementDate };
}

export const FREE = { payment: 'FOP', currency: null, amountCents: 0 } as const;

/** Puts SIs into the books and returns their rows. */
export function input(books: Books, rows: readonly SettlementInstruction[], rules = ASSUMED_RULES) {
  apply(
    books,
    rows.map((row) => put('instruction', asInput(row, rules))),
  );
}

/** Inputs the SI and its mirror, and matches them; returns the numbers of both. */
export function matched(
  books: Books,
  more: Partial<SettlementInstruction> = {},
  other: Partial<SettlementInstruction> = {},
) {
  const row = si(more);
  const opposite = mirror(row, other);
  input(books, [row, opposite]);
  match(books);
  return [row.number, opposite.number] as const;
}

export function match(books: Books, at = AT): void {
  apply(books, decideMatches(books, findPairs(books.all('instruction')), at));
}

export interface Ran {
  readonly settled: readonly string[];
  /** The last reason of each that waits. */
  readonly waiting: Readonly<Record<string, WaitReason>>;
  readonly steps: number;
}

export function runSettlement(
  books: Books,
  due: readonly string[],
  { date = DATE as MarketDate, at = AT, rules = ASSUMED_RULES as SettlementRules, pairsPerStep = 512 } = {},
): Ran {
  const settled: string[] = [];
  const waiting: Record<string, WaitReason> = {};
  let steps = 0;
  for (const step of settlementRun(books, due, { at, date, rules }, pairsPerStep)) {
    steps++;
    apply(books, step.changes);
    for (const number of step.settled) {
      settled.push(number);
      delete waiting[number];
    }
    for (const { deliver, reason } of step.waiting) waiting[deliver] = reason;
  }
  return { settled, waiting, steps };
}

export const statusOf = (books: Books, number: string) => books.get('instruction', number)?.status;
export const holdingOf = (books: Books, participant: string, account = '01', stock = '00005') =>
  books.get('holding', `${participant}/${account}/${stock}`);
export const sharesOf = (books: Books, participant: string, account = '01', stock = '00005') =>
  holdingOf(books, participant, account, stock)?.quantity ?? 0;
export const moneyOf = (books: Books, participant: string, currency: Currency = 'HKD') =>
  books.get('moneyBalance', `${participant}/${currency}/settlement`)?.balanceCents ?? 0;

export const MAKER: Actor = { by: { participant: 'B09901', user: 'MAKER01', role: 'maker' }, at: AT };
export const CHECKER: Actor = { by: { participant: 'B09901', user: 'CHECK01', role: 'checker' }, at: AT };
export const OTHER_SIDE: Actor = { by: { participant: 'B09902', user: 'MAKER01', role: 'maker' }, at: AT };
export const CHECKED: SettlementRules = { ...ASSUMED_RULES, makerChecker: true };

export const rowFacts = (changes: Partial<RowFacts> = {}): RowFacts =>
  facts({ isSettlementDate: (date) => date >= DATE, ...changes });
