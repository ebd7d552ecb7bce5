import { decimalText } from '../exact-integer.ts';
import type { Batch, RowRefusal } from '../nouns/instructions.ts';
import type { Currency, Words } from '../nouns/market.ts';
import {
  fieldOverLimit,
  type InstructionRow,
  lastSettlementDate,
  ROW_REASONS,
  type RowFacts,
  type RowReason,
} from './batch.ts';
import { INSTRUCTION_REASONS } from './instruction.ts';
import { TRANSFER_REASONS, type TransferFacts, type TransferReason, type TransferRow } from './transfer.ts';

/** What a refused row of a batch file says: which field is at fault, what was expected there, why, and the next step. */

/** Why a row of any batch file is refused, with the next step. */
const WORDS = { ...ROW_REASONS, ...TRANSFER_REASONS } as const satisfies Record<string, Words>;
export type RefusedRowReason = RowReason | TransferReason;

/** Every reason for which a row is refused, of a batch file or typed, with what it may be of. */
export const ROW_REASON_LIST = Object.entries<Words>({ ...WORDS, ...INSTRUCTION_REASONS }).map(([reason, says]) => ({
  reason,
  of: [
    ...(reason in ROW_REASONS ? ['ZSIUP01' as const] : []),
    ...(reason in TRANSFER_REASONS ? ['ZATUP01' as const] : []),
    ...(reason in INSTRUCTION_REASONS ? ['SI Maintenance' as const] : []),
  ],
  says,
}));

/** The field at fault, and what the decision held it against, where reason and batch alone do not say so. */
export interface FieldAtFault<Row> {
  readonly field: keyof Row & string;
  readonly heldAgainst?: string;
}

/** Where a refused row of ZSIUP01 is at fault. */
export function instructionFault(
  row: InstructionRow,
  reason: RowReason,
  facts: Pick<RowFacts, 'stock' | 'hkdRateMicro' | 'inputLimitHkdCents'>,
): FieldAtFault<InstructionRow> {
  const stock = facts.stock(row.stock);
  switch (reason) {
    case 'ISIN_MISMATCH':
      return { field: 'isin', heldAgainst: stock?.isin ?? '' };
    case 'BAD_CURRENCY':
    case 'BAD_AMOUNT':
      return { field: reason === 'BAD_AMOUNT' ? 'amountCents' : 'currency', heldAgainst: row.payment };
    case 'OVER_LIMIT': {
      const currency = row.currency === '' ? null : (row.currency as Currency);
      const field = (stock && fieldOverLimit(row, currency, stock, facts)) ?? 'quantity';
      return { field, heldAgainst: String(facts.inputLimitHkdCents) };
    }
    default:
      return { field: FIELD_OF_REASON[reason] };
  }
}

const FIELD_OF_REASON = {
  BAD_SIDE: 'side',
  UNKNOWN_STOCK: 'stock',
  BAD_QUANTITY: 'quantity',
  UNKNOWN_COUNTERPARTY: 'counterparty',
  SELF_COUNTERPARTY: 'counterparty',
  UNKNOWN_ACCOUNT: 'account',
  BAD_PAYMENT: 'payment',
  BAD_SETTLEMENT_DATE: 'settlementDate',
  BAD_HOLD: 'hold',
  DUPLICATE_REFERENCE: 'reference',
} as const satisfies Partial<Record<RowReason, keyof InstructionRow>>;

/** Where a refused row of ZATUP01 is at fault. @param availableShares what its account had for it to move */
export function transferFault(
  row: TransferRow,
  reason: TransferReason,
  facts: TransferFacts,
  availableShares: () => number,
): FieldAtFault<TransferRow> {
  switch (reason) {
    case 'UNKNOWN_STOCK':
      return { field: 'stock' };
    case 'ISIN_MISMATCH':
      return { field: 'isin', heldAgainst: facts.stock(row.stock)?.isin ?? '' };
    case 'BAD_QUANTITY':
      return { field: 'quantity' };
    case 'UNKNOWN_ACCOUNT':
      return { field: facts.isAccount(row.fromAccount) ? 'toAccount' : 'fromAccount' };
    case 'SAME_ACCOUNT':
      return { field: 'toAccount', heldAgainst: row.fromAccount };
    case 'NOT_ENOUGH_STOCK':
      return { field: 'quantity', heldAgainst: String(availableShares()) };
    case 'DUPLICATE_REFERENCE':
      return { field: 'reference' };
    case 'OVER_LIMIT':
      return { field: 'quantity', heldAgainst: String(facts.inputLimitHkdCents) };
  }
}

type Asked = Pick<RowRefusal, 'field' | 'heldAgainst'>;
type OfBatch = Pick<Batch, 'participant' | 'headerDate'>;

/** What was expected in the field, short enough for a column of the control report. Dates are written as the file has them. */
const EXPECTED: { readonly [Reason in RefusedRowReason]: (asked: Asked, batch: OfBatch) => string } = {
  BAD_SIDE: () => 'D or R',
  UNKNOWN_STOCK: () => 'a code of the CCASS stock list',
  ISIN_MISMATCH: ({ heldAgainst }) => `${heldAgainst}, or blank`,
  BAD_QUANTITY: () => 'a number of shares above zero',
  UNKNOWN_COUNTERPARTY: () => 'the ID of a participant',
  SELF_COUNTERPARTY: (_, { participant }) => `a participant other than ${participant}`,
  UNKNOWN_ACCOUNT: (_, { participant }) => `a stock account of ${participant}`,
  BAD_PAYMENT: () => 'FOP, DVP or RDP',
  BAD_CURRENCY: ({ heldAgainst }) => (heldAgainst === 'FOP' ? 'blank with FOP' : 'HKD, CNY or USD'),
  BAD_AMOUNT: ({ heldAgainst }) => (heldAgainst === 'FOP' ? 'zero with FOP' : `above zero with ${heldAgainst}`),
  BAD_SETTLEMENT_DATE: (_, { headerDate }) =>
    `a business day, ${digits(headerDate)} to ${digits(lastSettlementDate(headerDate))}`,
  BAD_HOLD: () => 'Y or N',
  DUPLICATE_REFERENCE: (_, { headerDate }) => `a reference not used on ${digits(headerDate)}`,
  OVER_LIMIT: ({ field, heldAgainst }) => {
    const limit = `up to HKD ${decimalText(Number(heldAgainst), 2)}`;
    return field === 'quantity' ? `market value ${limit}` : limit;
  },
  SAME_ACCOUNT: ({ heldAgainst }) => `an account other than ${heldAgainst}`,
  NOT_ENOUGH_STOCK: ({ heldAgainst }) => `up to ${heldAgainst} shares`,
};

const digits = (date: string) => date.replaceAll('-', '');

/** What was expected where this row is at fault. */
export function expectedIn(refusal: Pick<RowRefusal, 'reason' | 'field' | 'heldAgainst'>, batch: OfBatch): string {
  return isReason(refusal.reason) ? EXPECTED[refusal.reason](refusal, batch) : '';
}

/** Why the row was refused, and the next step. */
export function refusedRowWords(reason: string): Words {
  return isReason(reason) ? WORDS[reason] : { en: reason, zh: reason };
}

const isReason = (reason: string): reason is RefusedRowReason => Object.hasOwn(EXPECTED, reason);
