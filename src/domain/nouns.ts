/**
 * The nouns of the market, in one file so that no two rooms need each other for a type.
 * Rows are plain data and are never changed in place: a change replaces the row (see change.ts).
 *
 * Units: an `Instant` is market time in milliseconds since 1970-01-01T00:00Z; a `MarketDate` is a Hong Kong calendar
 * date `YYYY-MM-DD`; money is an integer number of cents; prices are thousandths of the currency unit; quantities are shares.
 */

export type Instant = number;
export type MarketDate = string;

export type CentreName = 'primary' | 'backup';
export type ServiceName = 'ccass' | 'rap' | 'orp';
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

/**
 * Makers and checkers do CCASS' business, a risk user that of ORP Online; the two of the Delegated Administrators look
 * after the users of their service and do none.
 */
export type UserRole = 'maker' | 'checker' | 'risk' | 'da-maker' | 'da-checker';

export interface User {
  /** The service that the user belongs to and to no other; absent = CCASS. */
  readonly service?: Exclude<ServiceName, 'ccass'>;
  readonly participant: string;
  /** X(8) at most. */
  readonly id: string;
  readonly name: string;
  readonly role: UserRole;
  /** `scrypt$N$r$p$salt$hash`, salt and hash in base64url. Never a password. */
  readonly passwordHash: string;
  readonly passwordSetAt: Instant;
  readonly wrongPasswords: number;
  readonly lockedAt: Instant | null;
  /** Largest value of one instruction this user may input, in HKD cents; null = no limit. */
  readonly inputLimitHkdCents: number | null;
  /** When a Delegated Administrator locked the user; absent = not. It does not lapse. */
  readonly disabledAt?: Instant;
  /** The password was given by a Delegated Administrator and is to be replaced at the next log-on. */
  readonly mustChangePassword?: true;
  /** The authorisation code that a checker holds, hashed as a password is. */
  readonly authorisation?: { readonly codeHash: string; readonly until: Instant };
}

export type UserRequestStatus = 'waiting' | 'authorised';

/** What a Delegated Administrator (maker) asks for about a user; done as soon as a checker authorises it. */
export interface UserRequest {
  /** `Q` and 8 digits. */
  readonly number: string;
  /** Of the user; absent = CCASS. */
  readonly service?: Exclude<ServiceName, 'ccass'>;
  readonly participant: string;
  readonly act: 'create' | 'lock' | 'unlock' | 'reset';
  /** ID of the user whom it is about. */
  readonly user: string;
  /** Of a user to be created. */
  readonly profile?: Pick<User, 'name' | 'role' | 'inputLimitHkdCents'>;
  /** Of a first password that was given, while the request waits. */
  readonly passwordHash?: string;
  readonly requestedBy: string;
  readonly requestedAt: Instant;
  readonly status: UserRequestStatus;
  readonly authorisedBy?: string;
  readonly authorisedAt?: Instant;
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
  readonly balanceCents: number;
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
  /** Of the trades that made it; absent = two business days before the settlement date. */
  readonly tradeDate?: MarketDate;
  /** It does not settle on its settlement date, and is overdue from the day after on. */
  readonly unsettled?: true;
}

/** One participant's side of a trade of the exchange. HKSCC stands between the two sides, so each becomes a due position (CNS). */
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
  /** The account of a non-clearing participant, `nnnnn+`, that a general clearing participant clears it for; absent = its own. */
  readonly account?: string;
  readonly tradeDate: MarketDate;
  readonly settlementDate: MarketDate;
  /** When the books got to know of it. */
  readonly at: Instant;
}

/** Specific stock or cash collateral (SSC, SCC) that covers positions, so that they are not margined; or money paid ahead. */
export interface Pledge {
  /** Unique, given by whoever pledges. */
  readonly reference: string;
  readonly participant: string;
  readonly kind: 'SSC' | 'SCC' | 'prepayment';
  /** From the first run at or after it. */
  readonly from: Instant;
  /** SSC and SCC: the settlement counter. */
  readonly counter?: string;
  /** SSC: of the positions that it covers. */
  readonly settlementDate?: MarketDate;
  /** SCC: of the positions that it covers. */
  readonly tradeDate?: MarketDate;
  /** SSC: shares. */
  readonly quantity?: number;
  /** SCC and prepayment. */
  readonly currency?: Currency;
  readonly amountCents?: number;
}

/** A corporate action as CCASS announced it, and what becomes of positions that were traded before its ex-date. Decimals are texts. */
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
  /** The stock that positions turn into; absent = the same. */
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

export type Side = 'deliver' | 'receive';
export type Payment = 'FOP' | 'DVP' | 'RDP';
/** Which moves there are between them: instruction-life.ts, docs/si-life.md. */
export type InstructionStatus =
  | 'pending'
  | 'unmatched'
  | 'matched'
  | 'matched-on-hold'
  | 'shares-on-hold'
  | 'settled'
  | 'deleted'
  | 'purged';

/** A settlement instruction (SI) as its participant input it. The counterparty's own SI is another row. */
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
  /** The batch that brought it, or null if typed. */
  readonly batch: string | null;
  /** When it came to its status, if it has moved since it was input. */
  readonly statusAt?: Instant;
  /** The user who changed it last, if it was changed. */
  readonly changedBy?: string;
  /** The user who authorised it as it stands, if that was needed. */
  readonly authorisedBy?: string;
  /** SI number of the counterparty's own SI, from the matching on. */
  readonly matchedWith?: string;
}

/** `waiting`: for the run that moves the shares, which are put aside meanwhile. */
export type TransferStatus = 'waiting' | 'done';

/** An account transfer instruction (ATI): shares from one of a participant's own accounts to another. */
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
  /** The batch that brought it, or null if typed. */
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
  /** Shares that came; negative = that went. */
  readonly quantity: number;
  /** The holding afterwards. */
  readonly balance: number;
  readonly at: Instant;
  readonly date: MarketDate;
  readonly kind: 'SI' | 'ATI';
  /** Number of the participant's own SI, or of the ATI. */
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
  /** Money that came; negative = that was paid. */
  readonly amountCents: number;
  /** The sub-account afterwards. */
  readonly balanceCents: number;
  readonly at: Instant;
  readonly date: MarketDate;
  /** Number of the participant's own SI. */
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
  /** The four digits as they came. */
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
  /** The next detail record (0-based) to decide; what a successor resumes at. */
  readonly nextRow: number;
  readonly accepted: number;
  readonly refused: number;
  readonly fault: FileFault | null;
  /** References of the control reports, once done. */
  readonly reports: readonly string[];
}

/** A detail record that was refused while the others execute. */
export interface RowRefusal {
  /** 0-based among the file's detail records. */
  readonly row: number;
  readonly reference: string;
  readonly reason: string;
}
/**
 * What became of the rows of one commit: the refused ones, and by exclusion the accepted ones, whose SI numbers follow
 * each other from `firstNumber`. Kept only until the control report is made; a row an instruction would double the log.
 */
export interface BatchOutcomes {
  readonly batch: string;
  /** 0-based index of the first detail record. */
  readonly firstRow: number;
  readonly rows: number;
  /** The digits of the SI number that the first accepted row got. */
  readonly firstNumber: number;
  readonly refused: readonly RowRefusal[];
}

export interface Report {
  /** `R` and 8 digits. */
  readonly reference: string;
  /** X(7), such as ZSICR01. */
  readonly id: string;
  /** The participant whose report it is, or COMMON. */
  readonly participant: string;
  /** Date of the run that made it. */
  readonly businessDate: MarketDate;
  readonly madeAt: Instant;
  readonly availableAt: Instant;
  readonly format: 'data' | 'text';
  readonly fileName: string;
  readonly sizeBytes: number;
  /** SHA-256 of the content, lower-case hex; also the name of its blob. */
  readonly sha256: string;
  /** The batch it answers, or null. */
  readonly batch: string | null;
  /** Only while the tester's own file is in its place: what the centre made, or null if it had made none. */
  readonly inPlaceOf?: { readonly sha256: string; readonly sizeBytes: number } | null;
}

/** Of a RAP user's tree: his own files, everyone's, and the risk parameter file. */
export type RapFolder = 'INBOX' | 'COMMON' | 'RPF';

/** One zip file of RAP's tree, at `/<folder>/<YYYYMMDD>/<name>`. A report is two: its data file, then its control file. */
export interface RapFile {
  readonly folder: RapFolder;
  /** The participant whose it is, or COMMON. */
  readonly participant: string;
  /** Date of the run that made it; the daily folder. */
  readonly businessDate: MarketDate;
  readonly name: string;
  /** X(7), such as RMAMR03. */
  readonly reportId: string;
  readonly part: 'data' | 'control';
  /** From then on it is there; its mtime, and that of the entry inside. */
  readonly publishedAt: Instant;
  readonly sizeBytes: number;
  /** SHA-256 of the zip, lower-case hex; also the name of its blob. */
  readonly sha256: string;
  /** Only while the tester's own file is in its place: what the centre made, or null if it had made none. */
  readonly inPlaceOf?: { readonly sha256: string; readonly sizeBytes: number } | null;
}

/** Who may reach RAP: one for each clearing participant, its user ID the participant ID. */
export interface RapUser {
  readonly participant: string;
  /** As a user's; absent = no log-on by password. Never a password. */
  readonly passwordHash?: string;
  /** Wrong passwords, and connections that showed no key that holds, since the last log-on. */
  readonly wrongTries: number;
  readonly lockedAt: Instant | null;
}

/** A public key of a RAP user. An old and a new one may hold at once, while the participant changes over. */
export interface RapKey {
  readonly participant: string;
  /** `SHA256:` and base64, as OpenSSH writes it. */
  readonly fingerprint: string;
  /** Such as `ssh-ed25519`, as the key names itself. */
  readonly algorithm: string;
  readonly bits: number;
  /** The key itself in base64, as it stands in a .pub file. */
  readonly publicKey: string;
  readonly comment: string;
  /** It holds from this instant ... */
  readonly from: Instant;
  /** ... until just before this one; null = until it is withdrawn. */
  readonly until: Instant | null;
}

export interface Broadcast {
  /** `N` and 6 digits. */
  readonly number: string;
  readonly at: Instant;
  readonly kind: 'activation' | 'extension' | 'postponement' | 'final-run' | 'notice';
  readonly subject: Words;
  readonly text: Words;
}

/** A scheduled run that was done: at most one per key and market date. */
export interface Run {
  readonly run: string;
  readonly date: MarketDate;
  readonly doneAt: Instant;
}

/** A participant logged on in a session of a rehearsal; the Sunday check asks for it. */
export interface Attendance {
  readonly rehearsal: string;
  readonly session: string;
  readonly participant: string;
  readonly at: Instant;
}

/** The next number of a series (SI numbers, batch references ...); it never goes back, not even over a roll-back. */
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
