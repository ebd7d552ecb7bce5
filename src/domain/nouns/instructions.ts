import type { CentreName, Currency, ExactInteger, Instant, MarketDate } from './market.ts';

/** Settlement instructions, account transfers, batches of them, and the movements that follow. Units: market.ts. */

export type Side = 'deliver' | 'receive';

export type Payment = 'FOP' | 'DVP' | 'RDP';

/** Moves between these statuses: instruction-life.ts, docs/si-life.md. */
export type InstructionStatus =
  | 'pending'
  | 'unmatched'
  | 'matched'
  | 'matched-on-hold'
  | 'shares-on-hold'
  | 'settled'
  | 'deleted'
  | 'purged';

/** A settlement instruction (SI) as its participant input it. The counterparty's SI is another row. */
export interface SettlementInstruction {
  /** `D` and 8 digits. */
  readonly number: string;
  readonly participant: string;
  readonly user: string;
  readonly reference: string;
  readonly side: Side;
  readonly stock: string;
  readonly quantity: number;
  readonly counterparty: string;
  readonly account: string;
  readonly payment: Payment;
  readonly currency: Currency | null;
  readonly amountCents: number;
  readonly settlementDate: MarketDate;
  readonly hold: boolean;
  readonly narrative: string;
  readonly status: InstructionStatus;
  readonly inputAt: Instant;
  readonly inputDate: MarketDate;
  /** The batch that it was in, or null if typed. */
  readonly batch: string | null;
  /** When it got its status, if that has changed since it was input. */
  readonly statusAt?: Instant;
  /** The user who changed it last, if it was changed. */
  readonly changedBy?: string;
  /** The user who authorised its present values, if that was needed. */
  readonly authorisedBy?: string;
  /** SI number of the counterparty's SI, once matched. */
  readonly matchedWith?: string;
}

/** `waiting`: for the run that moves the shares, which are set aside until then. */
export type TransferStatus = 'waiting' | 'done';

/** An account transfer instruction (ATI): shares from one of a participant's accounts to another. */
export interface AccountTransfer {
  /** `A` and 8 digits. */
  readonly number: string;
  readonly participant: string;
  readonly user: string;
  readonly reference: string;
  readonly stock: string;
  readonly quantity: number;
  readonly fromAccount: string;
  readonly toAccount: string;
  readonly narrative: string;
  readonly status: TransferStatus;
  readonly inputAt: Instant;
  readonly inputDate: MarketDate;
  /** The batch that it was in, or null if typed. */
  readonly batch: string | null;
  /** When the shares moved. */
  readonly doneAt?: Instant;
}

/** A debit or credit of one stock account. */
export interface StockMovement {
  /** `M` and 9 digits, in order of time. */
  readonly number: string;
  readonly participant: string;
  readonly account: string;
  readonly stock: string;
  /** Shares credited; negative = debited. */
  readonly quantity: number;
  /** The holding afterwards. */
  readonly balance: number;
  readonly at: Instant;
  readonly date: MarketDate;
  readonly kind: 'SI' | 'ATI';
  /** Number of the participant's SI, or of the ATI. */
  readonly instruction: string;
  /** The other participant of an SI; null for an ATI. */
  readonly counterparty: string | null;
}

/** A debit or credit of one sub-account of the money ledger. */
export interface MoneyMovement {
  /** `L` and 9 digits, in order of time. */
  readonly number: string;
  readonly participant: string;
  readonly currency: Currency;
  readonly subAccount: string;
  /** Money received; negative = paid. */
  readonly amountCents: number;
  /** The sub-account afterwards. */
  readonly balanceCents: ExactInteger;
  readonly at: Instant;
  readonly date: MarketDate;
  /** Number of the participant's SI. */
  readonly instruction: string;
  readonly counterparty: string;
}

export type BatchStatus = 'received' | 'processing' | 'processed' | 'discarded';

/** Why a whole file was discarded, and where. */
export interface FileFault {
  readonly code: string;
  /** 1-based line of the file; 0 = the file as a whole. */
  readonly line: number;
  /** 1-based first and last column, or null where no field is at fault. */
  readonly columns: readonly [number, number] | null;
  readonly field: string | null;
  readonly came: string;
  readonly expected: string;
}

export interface Batch {
  /** `U` and 11 digits. */
  readonly reference: string;
  readonly participant: string;
  readonly user: string;
  readonly fileId: string;
  readonly market: string;
  readonly headerDate: MarketDate;
  /** The four digits as received. */
  readonly sequence: string;
  /** SHA-256 of the decoded file, lower-case hex; also the name of its blob. */
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly receivedAt: Instant;
  /** The centre that acknowledged it. */
  readonly receivedBy: CentreName;
  readonly status: BatchStatus;
  /** Detail records in the file, known once it is validated; 0 before. */
  readonly records: number;
  /** The next detail record (0-based) to decide; where a newly active centre resumes. */
  readonly nextRow: number;
  readonly accepted: number;
  readonly refused: number;
  readonly fault: FileFault | null;
  /** References of the control reports, once done. */
  readonly reports: readonly string[];
  /** Once done, if rows were refused. */
  readonly refusedRows?: RefusedRowsFile;
}

/** The blob of a batch's refused rows: records of one length, so that any page of them is one read. */
export interface RefusedRowsFile {
  readonly sha256: string;
  readonly recordLength: number;
}

/** A detail record that was refused while the others execute. */
export interface RowRefusal {
  /** 0-based among the file's detail records. */
  readonly row: number;
  readonly reference: string;
  readonly reason: string;
  /** The field of the batch file's layout that is at fault; harnesses before 0.2 kept neither it nor what follows. */
  readonly field?: string;
  /** What stands there, without the spaces at its end. */
  readonly came?: string;
  /** What the decision was held against, where the reason alone does not say so: see row-refusals.ts. */
  readonly heldAgainst?: string;
}

/**
 * The outcome of the rows of one commit: the refused ones, and by exclusion the accepted ones, whose SI numbers are
 * consecutive from `firstNumber`. Kept only until the control report is made; one row per instruction would double the log.
 */
export interface BatchOutcomes {
  readonly batch: string;
  /** 0-based index of the first detail record. */
  readonly firstRow: number;
  readonly rows: number;
  /** The digits of the SI number of the first accepted row. */
  readonly firstNumber: number;
  readonly refused: readonly RowRefusal[];
}
