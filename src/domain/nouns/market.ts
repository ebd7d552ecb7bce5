/**
 * The market: its time, its participants, their holdings and trades.
 * Nouns import nothing but other nouns, so that no two folders import each other for a type. Rows are plain data and are never
 * changed in place: a change replaces the row (change.ts).
 *
 * Units: an `Instant` is market time in milliseconds since 1970-01-01T00:00Z; a `MarketDate` is a Hong Kong calendar
 * date `YYYY-MM-DD`; money is an integer number of cents; prices are thousandths of the currency unit; quantities are shares.
 * One amount or quantity is a safe integer; a money balance, which adds up any number of them, is an `ExactInteger`.
 */

export type Instant = number;

export type MarketDate = string;

/** A whole number of any size: a JSON number up to 2^53 - 1, beyond that its decimal digits as a text. */
export type ExactInteger = number | string;

export const CENTRE_NAMES = ['primary', 'backup'] as const;
export type CentreName = (typeof CENTRE_NAMES)[number];

export const SERVICE_NAMES = ['ccass', 'rap', 'orp'] as const;
export type ServiceName = (typeof SERVICE_NAMES)[number];

/** How a participant reaches CCASS: a CCASS/3 terminal or its Participant Gateway. */
export type Channel = 'C3T' | 'PG';

export type Currency = 'HKD' | 'CNY' | 'USD';

/** A text for people, in English and Traditional Chinese. */
export interface Words {
  readonly en: string;
  readonly zh: string;
}

/** The seven categories of the CCASS Terminal User Guide, section 2. */
export type ParticipantType =
  | 'direct-clearing'
  | 'general-clearing'
  | 'clearing-agency'
  | 'custodian'
  | 'stock-lender'
  | 'stock-pledgee'
  | 'investor';

export interface Participant {
  /** X(6): a letter and five digits. */
  readonly id: string;
  readonly name: Words;
  readonly type: ParticipantType;
}

export interface StockAccount {
  readonly participant: string;
  /** X(8), such as `01`. */
  readonly id: string;
  readonly name: Words;
}

export interface Stock {
  /** 9(5), zero-padded. */
  readonly code: string;
  readonly isin: string;
  readonly name: Words;
  /** X(4): HKMK, MAMK, SZMK. */
  readonly market: string;
  readonly currency: Currency;
  readonly boardLot: number;
  readonly priceMilli: number;
}

export interface Holding {
  readonly participant: string;
  readonly account: string;
  readonly stock: string;
  readonly quantity: number;
  /** Shares of `quantity` that are put aside (shares on-hold, a transfer that waits); absent = none. */
  readonly onHold?: number;
}

export interface MoneyBalance {
  readonly participant: string;
  readonly currency: Currency;
  /** One of the six sub-accounts of the money ledger. */
  readonly subAccount: string;
  readonly balanceCents: ExactInteger;
}

export interface DuePosition {
  readonly participant: string;
  readonly stock: string;
  readonly market: string;
  readonly settlementDate: MarketDate;
  /** Shares to receive; negative = to deliver. */
  readonly quantity: number;
  readonly currency: Currency;
  /** Money to pay for them; negative = to be received. */
  readonly amountCents: number;
  readonly kind: 'CNS' | 'isolated';
  /** The trade date of its trades; absent = two business days before the settlement date. */
  readonly tradeDate?: MarketDate;
  /** It does not settle on its settlement date, and is overdue from the next day on. */
  readonly unsettled?: true;
}

/** One participant's side of a trade of the exchange. HKSCC is the counterparty of both sides, so each becomes a due position (CNS). */
export interface Trade {
  /** `T` and 9 digits. */
  readonly number: string;
  readonly participant: string;
  readonly side: 'buy' | 'sell';
  readonly stock: string;
  readonly quantity: number;
  readonly currency: Currency;
  /** The consideration, > 0. */
  readonly amountCents: number;
  /** The account of a non-clearing participant, `nnnnn+`, that a general clearing participant clears it for; absent = the participant itself. */
  readonly account?: string;
  readonly tradeDate: MarketDate;
  readonly settlementDate: MarketDate;
  /** When it was entered in the books. */
  readonly at: Instant;
}

/** Specific stock or cash collateral (SSC, SCC) that covers positions, so that they are not margined; or money paid ahead. */
export interface Pledge {
  /** Unique, chosen by the pledgor. */
  readonly reference: string;
  readonly participant: string;
  readonly kind: 'SSC' | 'SCC' | 'prepayment';
  /** From the first run at or after it. */
  readonly from: Instant;
  /** SSC and SCC: the settlement counter. */
  readonly counter?: string;
  /** SSC: settlement date of the positions that it covers. */
  readonly settlementDate?: MarketDate;
  /** SCC: trade date of the positions that it covers. */
  readonly tradeDate?: MarketDate;
  /** SSC: shares. */
  readonly quantity?: number;
  /** SCC and prepayment. */
  readonly currency?: Currency;
  readonly amountCents?: number;
}

/** A corporate action as CCASS announced it, and its effect on positions that were traded before its ex-date. Decimals are texts. */
export interface Announcement {
  /** `A` and 8 digits. */
  readonly number: string;
  readonly stock: string;
  /** X(2), as announcements have it. */
  readonly type: string;
  readonly summary: string;
  readonly announcedOn: MarketDate;
  readonly exDate: MarketDate;
  readonly bookCloseFrom?: MarketDate;
  readonly bookCloseTo?: MarketDate;
  readonly recordDate?: MarketDate;
  readonly payableDate?: MarketDate;
  /** The stock that positions are converted into; absent = the same. */
  readonly convertedStock?: string;
  /** Shares for one share; absent = 1. */
  readonly quantityRatio?: string;
  /** HKD for one share, negative = to be received by a long position. */
  readonly cashDividend?: string;
  readonly stockDividend?: EntitledSecurity;
  readonly rights?: EntitledSecurity;
}

/** Shares in specie or rights, for one share, and what one of them is worth in HKD. */
export interface EntitledSecurity {
  readonly perShare: string;
  readonly price: string;
}

/** A scheduled run that was done: at most one per key and market date. */
export interface Run {
  readonly run: string;
  readonly date: MarketDate;
  readonly doneAt: Instant;
  /** Of a margin run: why some participants have no figures, and from when they can see it; absent = all have. */
  readonly notMade?: { readonly availableAt: Instant; readonly reasons: Readonly<Record<string, Words>> };
}

/** The next number of a series (SI numbers, batch references ...); it never goes back, not even in a roll-back. */
export interface Counter {
  readonly name:
    | 'instruction'
    | 'batch'
    | 'report'
    | 'broadcast'
    | 'transfer'
    | 'stockMovement'
    | 'moneyMovement'
    | 'userRequest'
    | 'trade';
  readonly next: number;
}

export interface Broadcast {
  /** `N` and 6 digits. */
  readonly number: string;
  readonly at: Instant;
  readonly kind: 'activation' | 'extension' | 'postponement' | 'final-run' | 'notice';
  readonly subject: Words;
  readonly text: Words;
}
