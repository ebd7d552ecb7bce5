import type { InstructionStatus, Payment, Side } from '../domain/nouns/instructions.ts';
import type { Currency, DuePosition, MarketDate, Words } from '../domain/nouns/market.ts';

/** What /ccass/v1 takes and gives of instructions, transfers, positions and money (OpenAPI: /ccass/v1/docs; a mock convention). */

/** A settlement instruction as it is typed. */
export interface InstructionInput {
  readonly reference: string;
  readonly side: Side;
  readonly stock: string;
  readonly isin?: string;
  readonly quantity: number;
  readonly counterparty: string;
  readonly account: string;
  readonly payment: Payment;
  readonly currency?: Currency;
  /** Decimal text, such as `17400.00`. */
  readonly amount?: string;
  readonly settlementDate: MarketDate;
  readonly hold?: boolean;
  readonly narrative?: string;
}

/** What is to be different; what is left out stays. */
export type InstructionChange = Partial<Omit<InstructionInput, 'reference' | 'side' | 'stock' | 'isin'>>;

/** The good rows were executed, each failed one has its reason code. */
export interface RowResults<Status> {
  readonly done: number;
  readonly refused: number;
  readonly rows: readonly {
    readonly number: string | null;
    readonly reference: string | null;
    readonly status: Status | null;
    readonly reason: string | null;
    readonly says: Words | null;
  }[];
}

export interface InstructionFilter {
  readonly status?: InstructionStatus;
  readonly stock?: string;
  readonly counterparty?: string;
  readonly settlementDate?: MarketDate;
  readonly inputDate?: MarketDate;
}

/** An account transfer as it is typed. */
export interface TransferInput {
  readonly reference: string;
  readonly stock: string;
  readonly isin?: string;
  readonly quantity: number;
  readonly fromAccount: string;
  readonly toAccount: string;
  readonly narrative?: string;
}

export interface TransferFilter {
  readonly status?: 'waiting' | 'done';
  readonly stock?: string;
  readonly inputDate?: MarketDate;
}

export interface TransferAnswer extends Required<Omit<TransferInput, 'isin'>> {
  readonly number: string;
  readonly status: 'waiting' | 'done';
  readonly inputBy: string;
  readonly inputAt: string;
  readonly batch: string | null;
  readonly doneAt: string | null;
}

export interface DuePositionRow {
  readonly stock: string;
  readonly market: string;
  readonly kind: DuePosition['kind'];
  readonly settlementDate: MarketDate;
  readonly overdue: boolean;
  /** Shares to receive; negative = to deliver. */
  readonly quantity: number;
  readonly currency: string;
  readonly amount: string;
}

export interface LedgerRow {
  readonly currency: string;
  readonly subAccount: string;
  readonly balance: string;
}

/** A debit or credit of one sub-account. */
export interface PostingRow {
  readonly number: string;
  readonly at: string;
  readonly currency: string;
  readonly subAccount: string;
  /** Money that came; negative = that was paid. */
  readonly amount: string;
  readonly balance: string;
  readonly instruction: string;
  readonly counterparty: string;
}

export interface StockRow {
  readonly stock: string;
  readonly isin: string;
  readonly name: Words;
  readonly market: string;
  readonly currency: string;
  readonly boardLot: number;
  readonly price: string;
}

export interface MovementRow {
  readonly number: string;
  readonly at: string;
  readonly account: string;
  readonly stock: string;
  /** Shares that came; negative = that went. */
  readonly quantity: number;
  readonly balance: number;
  readonly kind: 'SI' | 'ATI';
  readonly instruction: string;
  readonly counterparty: string | null;
}
