import type { CentreName, Channel, MarketDate, Words } from '../domain/nouns/market.ts';

/**
 * The answers of /ccass/v1 as a participant reads them (OpenAPI: /ccass/v1/docs; a mock convention throughout). Money and
 * prices are decimal texts, quantities whole shares, instants ISO 8601 in Hong Kong time.
 */
export interface CentreFacts {
  readonly centre: CentreName;
  readonly active: boolean;
  readonly release: string | null;
  readonly marketTime: string;
  readonly line: string;
}

export interface LoggedOn {
  readonly token: string;
  readonly participant: string;
  readonly user: string;
  readonly role: 'maker' | 'checker' | 'da-maker' | 'da-checker';
  readonly channel: Channel;
  readonly centre: CentreName;
  readonly release: string;
  readonly rehearsalSession: { readonly id: string; readonly name: Words } | null;
  readonly loggedOnAt: string;
  /** Minutes of market time without a request that end the session. */
  readonly idleMinutes: number;
  readonly passwordExpires: MarketDate;
  readonly warnings: readonly Words[];
}

export interface OwnProfile {
  readonly participant: { readonly id: string; readonly name: Words; readonly type: string };
  readonly user: {
    readonly id: string;
    readonly name: string;
    readonly role: 'maker' | 'checker' | 'da-maker' | 'da-checker';
    readonly inputLimitHkd: string | null;
    readonly passwordSetAt: string;
  };
  readonly accounts: readonly { readonly id: string; readonly name: Words }[];
}

export interface BalanceRow {
  readonly account: string;
  readonly stock: string;
  readonly isin: string;
  readonly name: Words;
  readonly quantity: number;
  /** Shares of it that are put aside for instructions that wait. */
  readonly onHold: number;
  readonly price: string;
  readonly marketValue: string;
  readonly currency: string;
}

/** A settlement instruction. */
export interface InstructionAnswer {
  readonly number: string;
  readonly reference: string;
  readonly status: string;
  readonly side: string;
  readonly stock: string;
  readonly quantity: number;
  readonly counterparty: string;
  readonly account: string;
  readonly payment: string;
  readonly currency: string | null;
  readonly amount: string;
  readonly settlementDate: MarketDate;
  readonly hold: boolean;
  readonly narrative: string;
  readonly inputBy: string;
  readonly inputAt: string;
  readonly batch: string | null;
  /** When it came to its status. */
  readonly statusAt: string;
  /** SI number of the counterparty's own SI, from the matching on. */
  readonly matchedWith: string | null;
  readonly authorisedBy: string | null;
}

export interface BroadcastRow {
  readonly number: string;
  readonly at: string;
  readonly kind: string;
  readonly subject: Words;
  readonly text: Words;
}

export interface BatchAnswer {
  readonly reference: string;
  /** In the answer to an upload: the same file was kept before, and this is its first reference. */
  readonly repeat?: boolean;
  readonly fileId: string;
  readonly businessDate: string;
  readonly sequence: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly receivedAt: string;
  readonly receivedBy: CentreName;
  readonly status: 'received' | 'processing' | 'processed' | 'discarded';
  readonly records: number;
  readonly done: number;
  readonly accepted: number;
  readonly refused: number;
  readonly fault: {
    readonly code: string;
    readonly line: number;
    readonly columns: readonly number[] | null;
    readonly field: string | null;
    readonly came: string;
    readonly expected: string;
    readonly says: Words;
  } | null;
  readonly reports: readonly string[];
}

export interface ReportRow {
  readonly reference: string;
  readonly id: string;
  readonly name: Words;
  readonly participant: string;
  readonly businessDate: MarketDate;
  readonly format: 'data' | 'text';
  readonly fileName: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly madeAt: string;
  readonly availableAt: string;
  readonly batch: string | null;
}
