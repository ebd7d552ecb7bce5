import { decimalText } from '../exact-integer.ts';
import type { Figure, MarginablePosition } from '../margin/calculation.ts';
import type { Currency, ExactInteger, MarketDate } from '../nouns/market.ts';

/**
 * Input and result of `marginablePositions` (positions.ts): the Initial Margin Calculation Guide v1.4, section 4 and its
 * appendix. It throws MarginInputError for an input that cannot be right.
 *
 * Units: amounts are whole units of their currency, such as HKD, with the cents as decimals ("1234.50"), never cents: the
 * books' cents become amounts by `amountOfCents`. Quantities are shares. Rates are fractions (0.03). Stock codes may be
 * written with leading zeros (00005); the result has none, like the risk parameter file.
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
  /** Securities with several counters, or whose risk currency is not that of their lines. Any other is its only counter. */
  readonly securities?: readonly Security[];
  /** Rows of the Corporate Action Position Adjustment Report of the business date. */
  readonly corporateActions?: readonly CorporateAction[];
  /** By the code of the counter that is traded in the risk currency, and of entitlement lines (`DSP5`), in that currency. */
  readonly prices: Readonly<Record<string, Figure>>;
  /** HKD is 1 without haircut and may be left out; every other currency in use is needed. */
  readonly rates?: Readonly<Partial<Record<Currency, CurrencyRate>>>;
}

/** At 11:00 money at hand offsets positions due today, at 14:00 those are left out, at the end of day neither. */
export type Snapshot = '11:00' | '14:00' | 'EOD';

export interface Money {
  readonly currency: Currency;
  readonly amount: Figure;
}

export interface PositionLine {
  /** Stock code of the traded counter, or of the settlement counter. */
  readonly counter: string;
  readonly tradeDate: MarketDate;
  readonly settlementDate: MarketDate;
  readonly quantity: Figure;
  readonly currency: Currency;
  readonly amount: Figure;
  /**
   * `position` is the default. `unposted-debit`: money still to be collected for shares already delivered: quantity 0, a
   * positive amount, due on the business date. `allocated-shares`: shares delivered and not yet paid for: amount 0 (their
   * money is the unposted debit), due on the business date.
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

/** One security with its counters. */
export interface Security {
  /** The instrument code in margin. */
  readonly settlementCounter: string;
  /** The currency in which amounts are merged and MTM is computed. */
  readonly riskCurrency: Currency;
  /** Includes the settlement counter, if it is traded. */
  readonly counters: readonly { readonly code: string; readonly currency: Currency }[];
}

/** HKD per unit, and the haircut: the fraction by which the rate may move against HKSCC. */
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
  /** For one share held: HKD of a cash dividend (negative: a long position receives it), else a quantity. */
  readonly perShare: Figure;
}

/** A participant's positions at a snapshot. */
export interface MarginablePositions {
  /** The lines of RMAMP01, in order of their codes, entitlements last: HKD equivalents without haircut, whole HKD. */
  readonly positions: readonly MarginablePosition[];
  readonly instruments: readonly InstrumentPosition[];
  readonly mtm: MtmFigures;
  /** The share of today's payables that the money at hand covers: 0 unless at 11:00. At most 10 decimals, for display. */
  readonly offsetRatio: Figure;
}

/** A position after netting, in its risk currency. */
export interface InstrumentPosition {
  readonly instrument: string;
  readonly currency: Currency;
  readonly quantity: Figure;
  readonly contractValue: Figure;
  readonly marketValue: Figure;
  /** Market value - contract value, rounded to a whole unit: negative = a loss, payable. */
  readonly mtm: number;
}

/**
 * MTM as in RMAMR01: one of `requirement` and `favourable` is 0, neither is negative. The guide uses two opposite signs:
 * market value - contract value, negative = a requirement (section 3.2.6.1), which `mtm` and `hkd` follow; and the tables of
 * its appendix, where a loss is positive. `requirement - favourable` is the appendix's figure.
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

/** Cents of the books as an amount. */
export function amountOfCents(cents: ExactInteger): string {
  return decimalText(cents, 2);
}
