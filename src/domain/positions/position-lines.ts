import type { Figure, MarginablePosition } from '../margin/calculation.ts';
import type { Currency, MarketDate } from '../nouns/market.ts';

/**
 * What marginable positions are built from, and what comes out: the Initial Margin Calculation Guide v1.4, section 4 and its
 * appendix. `marginablePositions` in positions.ts does it, and throws MarginInputError for an input that cannot be right.
 *
 * Units: amounts are whole units of their currency, such as HKD, with the cents as decimals ("1234.50"), never cents: the
 * books' cents become amounts by `amountOfCents`. Quantities are shares. Rates are fractions (0.03). Stock codes may be
 * written with leading zeros (00005) and come out without, as the risk parameter file has them.
 *
 * Signs: a positive quantity is long (to be received), a positive amount is payable by the participant, a negative one
 * receivable: a plain sale has both negative.
 */
export interface PositionInput {
  readonly businessDate: MarketDate;
  readonly snapshot: Snapshot;
  readonly lines: readonly PositionLine[];
  /** Money still to be refunded to the participant for shares that it delivered. Only the 11:00 run uses it. */
  readonly unpostedCredits?: readonly Money[];
  /** Cash prepaid for the day's payables. Only the 11:00 run uses it. */
  readonly prepayments?: readonly Money[];
  readonly sharePledges?: readonly SharePledge[];
  readonly cashPledges?: readonly CashPledge[];
  /** Securities of several counters, or whose risk currency is not that of their lines. Others are their own counter. */
  readonly securities?: readonly Security[];
  /** Rows of the Corporate Action Position Adjustment Report of the business date. */
  readonly corporateActions?: readonly CorporateAction[];
  /** By the code of the counter that is traded in the risk currency, and of entitlement lines (`DSP5`), in that currency. */
  readonly prices: Readonly<Record<string, Figure>>;
  /** HKD is 1 without haircut and need not stand here; any other currency that is met must. */
  readonly rates?: Readonly<Partial<Record<Currency, CurrencyRate>>>;
}

/** At 11:00 money at hand offsets what is due today, at 14:00 what is due today is left out, at the end of day neither. */
export type Snapshot = '11:00' | '14:00' | 'EOD';

export interface Money {
  readonly currency: Currency;
  readonly amount: Figure;
}

export interface PositionLine {
  /** Stock code of the counter that was traded, or of the settlement counter. */
  readonly counter: string;
  readonly tradeDate: MarketDate;
  readonly settlementDate: MarketDate;
  readonly quantity: Figure;
  readonly currency: Currency;
  readonly amount: Figure;
  /**
   * `position`, the usual one, may be left out. `unposted-debit`: money still to be collected for shares that were
   * delivered already: quantity 0, a positive amount, due on the business date. `allocated-shares`: shares that were
   * delivered and are not paid for: amount 0 (their money is the unposted debit), due on the business date.
   */
  readonly kind?: 'position' | 'unposted-debit' | 'allocated-shares';
}

/** Specific stock collateral (SSC): shares pledged for short lines of one settlement counter and settlement date. */
export interface SharePledge {
  readonly settlementCounter: string;
  readonly settlementDate: MarketDate;
  readonly quantity: Figure;
}

/** Specific cash collateral (SCC): money pledged for long lines of one settlement counter, currency and trade date. */
export interface CashPledge {
  readonly settlementCounter: string;
  readonly tradeDate: MarketDate;
  readonly currency: Currency;
  readonly amount: Figure;
}

/** One security with the counters that it is traded at. */
export interface Security {
  /** The instrument code in margin. */
  readonly settlementCounter: string;
  /** The currency that amounts merge into and that MTM is worked out in. */
  readonly riskCurrency: Currency;
  /** With the settlement counter itself, if it is traded. */
  readonly counters: readonly { readonly code: string; readonly currency: Currency }[];
}

/** HKD per unit, and the haircut: what the rate may move against us, a fraction. */
export interface CurrencyRate {
  readonly rate: Figure;
  readonly haircut: Figure;
}

/** A row of the Corporate Action Position Adjustment Report (guide, section 4.5). Null = blank: unchanged, or none. */
export interface CorporateAction {
  readonly businessDate: MarketDate;
  readonly exDate: MarketDate;
  readonly market: string;
  readonly instrument: string;
  readonly convertedInstrument: string | null;
  readonly quantityRatio: Figure | null;
  readonly cashDividend: Entitlement | null;
  readonly stockDividend: Entitlement | null;
  readonly rights: Entitlement | null;
}

export interface Entitlement {
  /** `DIV5`, `DSP5`, `SRI5`. */
  readonly instrument: string;
  /** For one share held: HKD of a cash dividend (negative: what a long position receives), else a quantity. */
  readonly perShare: Figure;
}

/** A participant's positions at a snapshot. */
export interface MarginablePositions {
  /** The lines of RMAMP01, in order of their codes, entitlements last: HKD equivalents without haircut, whole HKD. */
  readonly positions: readonly MarginablePosition[];
  readonly instruments: readonly InstrumentPosition[];
  readonly mtm: MtmFigures;
  /** What share of today's payables the money at hand covers: 0 unless at 11:00. At most 10 decimals, for show. */
  readonly offsetRatio: Figure;
}

/** A position after netting, in its risk currency. */
export interface InstrumentPosition {
  readonly instrument: string;
  readonly currency: Currency;
  readonly quantity: Figure;
  readonly contractValue: Figure;
  readonly marketValue: Figure;
  /** Market value - contract value, rounded to a whole unit: negative = a loss, to be paid. */
  readonly mtm: number;
}

/**
 * MTM as RMAMR01 has it: one of `requirement` and `favourable` is 0, neither is negative. Two opposite signs are in use in
 * the guide: market value - contract value, negative = a requirement (section 3.2.6.1), which `mtm` and `hkd` follow; and
 * the tables of its appendix, where a loss is positive. `requirement - favourable` is the appendix' figure.
 */
export interface MtmFigures {
  readonly requirement: number;
  readonly favourable: number;
  readonly byCurrency: readonly CurrencyMtm[];
}

export interface CurrencyMtm {
  readonly currency: Currency;
  /** Sum of the rounded MTM of the positions in this currency. */
  readonly mtm: number;
  /** A loss at rate x (1 + haircut), a gain at rate x (1 - haircut), rounded to whole HKD. */
  readonly hkd: number;
}

/** What stands in the books in cents, as an amount: exact at any size that a number holds. */
export function amountOfCents(cents: number): string {
  const digits = String(Math.abs(cents)).padStart(3, '0');
  return `${cents < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
