import type { MarketDate } from '../nouns/market.ts';

/**
 * The Initial Margin Risk Parameter File (IMRPF, RPF01) in memory (Initial Margin Calculation Guide v1.4, section 2). Plain
 * data only, so that a worker thread can post it: decimals are exact texts without padding (`0.12`, never `0.120` or
 * `.12`), and become numbers where something is computed. Every code (keys, underlyings) is in the normal form of
 * instrument-codes.ts.
 */
export interface Imrpf {
  readonly parameters: ImrpfParameters;
  /** FieldType 1 and 2: scenario returns. */
  readonly hvar: ScenarioTable;
  readonly svar: ScenarioTable;
  /** FieldType 3: flat rate, by instrument. */
  readonly flatRates: ReadonlyMap<string, string>;
  /** FieldType 4: beta hedge, for the liquidation risk add-on. */
  readonly betaHedges: ReadonlyMap<string, BetaHedge>;
  /** FieldType 5: delta information of a structured product. */
  readonly deltas: ReadonlyMap<string, DeltaInfo>;
  /** FieldType 6: structured product add-on. */
  readonly structured: ReadonlyMap<string, StructuredAddOn>;
  /** FieldType 7, by `CODE/TYPE` with the entitlement type 1 (DSP), 2 (SRI) or 3 (DIV): `700/1`. */
  readonly entitlements: ReadonlyMap<string, EntitlementMargin>;
  /** Oddities that were ignored, such as an unknown field type. */
  readonly warnings: readonly string[];
}

/** The parameter rows: decimal texts, except for the date and the counts. */
export interface ImrpfParameters {
  readonly valuationDate: MarketDate;
  readonly hvarWeight: string;
  readonly svarWeight: string;
  readonly hvarCount: number;
  readonly svarCount: number;
  /** Read and written back, not used (future use only). */
  readonly stvCount: number;
  readonly hvarConfidence: string;
  readonly svarConfidence: string;
  /** Round-up unit of the aggregate, HKD. */
  readonly rounding: number;
  readonly holidayFactor: string;
}

/** Scenario number s (from 1) of an instrument is `returns[row * count + s - 1]`: the return times 10^10, a whole number. */
export interface ScenarioTable {
  readonly count: number;
  readonly rows: ReadonlyMap<string, number>;
  /** Exact: a return has at most 10 decimals, and 10^10 of it is far below 2^53. */
  readonly returns: Float64Array;
  /**
   * Instruments whose record has fewer cells than `count`, with the number of cells. They are not in `rows`: an error for a
   * participant that holds one, and ignored otherwise (mock convention).
   */
  readonly short?: ReadonlyMap<string, number>;
}

/** Returns are kept as whole numbers of this unit. */
export const RETURN_SCALE = 10_000_000_000;

export interface BetaHedge {
  readonly bucketRate: string;
  readonly beta: string;
  /** Delta-equivalent market value, HKD. */
  readonly threshold: string;
  /** Per quantity; the market price. */
  readonly cashDelta: string;
}

export interface DeltaInfo {
  readonly underlying: string;
  readonly delta: string;
  readonly conversionRatio: string;
  readonly cashDelta: string;
}

export interface StructuredAddOn {
  readonly priceThreshold: string;
  readonly tenthOfTickMultiplier: string;
}

export interface EntitlementMargin {
  readonly price: string;
  readonly shortPercent: string;
  readonly longPercent: string;
}
