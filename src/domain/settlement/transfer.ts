import type { Change } from '../change.ts';
import type { AccountTransfer } from '../nouns/instructions.ts';
import type { Instant, MarketDate, Words } from '../nouns/market.ts';
import { atOnce, ITEMS_PER_STEP, inOrder, type Stepwise, sortedSteps } from '../stepwise.ts';
import { isOverLimit, ROW_REASONS, type RowFacts } from './batch.ts';
import { createDraft, type Draft, nextNumber, type Rows } from './draft.ts';
import { availableShares, moveShares, releaseShares, setAside } from './ledger.ts';
import type { SettlementRules } from './settlement-rules.ts';

/** Account transfer instructions (ATI): shares between accounts of one participant, by ZATUP01 or typed. */

/** Why one row of ZATUP01 is refused; the first in this order is given. Mock conventions. */
export const TRANSFER_REASONS = {
  UNKNOWN_STOCK: ROW_REASONS.UNKNOWN_STOCK,
  ISIN_MISMATCH: ROW_REASONS.ISIN_MISMATCH,
  BAD_QUANTITY: ROW_REASONS.BAD_QUANTITY,
  UNKNOWN_ACCOUNT: ROW_REASONS.UNKNOWN_ACCOUNT,
  SAME_ACCOUNT: {
    en: 'Both accounts are the same. Name another of your accounts as the one to move to and input the row again.',
    zh: '轉出與轉入戶口相同。請填寫名下另一戶口為轉入戶口後重新輸入。',
  },
  NOT_ENOUGH_STOCK: {
    en: 'The account has fewer shares than this, not counting those on hold. Enquire its balance and input no more than that.',
    zh: '該戶口可用股數（不計暫擱股份）不足。請查詢結餘後按可用股數重新輸入。',
  },
  DUPLICATE_REFERENCE: ROW_REASONS.DUPLICATE_REFERENCE,
  OVER_LIMIT: ROW_REASONS.OVER_LIMIT,
} as const satisfies Record<string, Words>;
export type TransferReason = keyof typeof TRANSFER_REASONS;
export const TRANSFER_REASON_CODES = Object.keys(TRANSFER_REASONS) as TransferReason[];

/** One detail record of ZATUP01 as received: texts without trailing spaces. */
export interface TransferRow {
  readonly reference: string;
  readonly stock: string;
  readonly isin: string;
  readonly quantity: number;
  readonly fromAccount: string;
  readonly toAccount: string;
  readonly narrative: string;
}

/** Like those of an SI (batch.ts), but with references of ATIs. */
export type TransferFacts = Pick<
  RowFacts,
  'stock' | 'isAccount' | 'isReferenceUsed' | 'hkdRateMicro' | 'inputLimitHkdCents'
>;

/** Who inputs it, when, and when the shares move. */
export interface TransferInput {
  readonly participant: string;
  readonly user: string;
  readonly batch: string | null;
  readonly at: Instant;
  readonly marketDate: MarketDate;
  readonly rules: Pick<SettlementRules, 'transfers'>;
}

/**
 * Decides one row: the changes (the ATI, and the shares moved, or set aside for the run), or the first reason against it.
 * Mock convention; the input limit applies to the market value.
 */
export function decideTransfer(
  rows: Rows,
  row: TransferRow,
  facts: TransferFacts,
  input: TransferInput,
): readonly Change[] | TransferReason {
  const { participant, rules } = input;
  const { quantity, fromAccount, toAccount } = row;
  const stock = facts.stock(row.stock);
  if (!stock) return 'UNKNOWN_STOCK';
  if (row.isin !== '' && row.isin !== stock.isin) return 'ISIN_MISMATCH';
  if (quantity <= 0) return 'BAD_QUANTITY';
  if (!facts.isAccount(fromAccount) || !facts.isAccount(toAccount)) return 'UNKNOWN_ACCOUNT';
  if (fromAccount === toAccount) return 'SAME_ACCOUNT';
  if (availableShares(rows, { participant, account: fromAccount, stock: stock.code }) < quantity)
    return 'NOT_ENOUGH_STOCK';
  if (facts.isReferenceUsed(row.reference)) return 'DUPLICATE_REFERENCE';
  if (isOverLimit({ quantity, amountCents: 0 }, null, stock, facts)) return 'OVER_LIMIT';
  const draft = createDraft(rows);
  const transfer: AccountTransfer = {
    number: nextNumber(draft, 'transfer'),
    participant,
    user: input.user,
    reference: row.reference,
    stock: stock.code,
    quantity,
    fromAccount,
    toAccount,
    narrative: row.narrative,
    status: 'waiting',
    inputAt: input.at,
    inputDate: input.marketDate,
    batch: input.batch,
  };
  setAside(draft, ends(transfer).from, quantity);
  draft.put('transfer', transfer);
  if (rules.transfers === 'at once') move(draft, transfer, input.at, input.marketDate);
  return draft.changes();
}

/**
 * The run that moves the shares of waiting ATIs, in order of ATI number. ATIs done meanwhile are skipped, so that it can be
 * done in several commits. It never fails, since the shares were set aside.
 */
export function decideTransferRun(rows: Rows, numbers: readonly string[], at: Instant, date: MarketDate): Change[] {
  const draft = createDraft(rows);
  for (const number of numbers) {
    const transfer = draft.get('transfer', number);
    if (transfer?.status === 'waiting') move(draft, transfer, at, date);
  }
  return draft.changes();
}

/** Numbers of the ATIs that wait for the run, in order. */
export function waitingTransfers(transfers: Iterable<AccountTransfer>): string[] {
  return atOnce(waitingSteps(transfers));
}

/** The same step by step. ATIs done between two steps are skipped by the run. */
export function* waitingSteps(transfers: Iterable<AccountTransfer>, perStep = ITEMS_PER_STEP): Stepwise<string[]> {
  const numbers: string[] = [];
  let visited = 0;
  for (const { number, status } of transfers) {
    if (++visited % perStep === 0) yield;
    if (status === 'waiting') numbers.push(number);
  }
  return yield* sortedSteps(numbers, inOrder, perStep);
}

function move(draft: Draft, transfer: AccountTransfer, at: Instant, date: MarketDate): void {
  const { number, quantity } = transfer;
  const { from, to } = ends(transfer);
  releaseShares(draft, from, quantity);
  moveShares(draft, from, to, quantity, { at, date, kind: 'ATI', from: number, to: number });
  draft.put('transfer', { ...transfer, status: 'done', doneAt: at });
}

function ends({ participant, stock, fromAccount, toAccount }: AccountTransfer) {
  return {
    from: { participant, stock, account: fromAccount },
    to: { participant, stock, account: toAccount },
  };
}
