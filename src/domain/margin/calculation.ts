/**
 * Input and result of the margin calculation: the JSON of `ccass-harness margin FILE.json`, of a simulation's answer and
 * of the reports. Whole amounts are integers, others decimal texts with at most 10 decimals, ties away from zero.
 */

/** A number, or an exact decimal as a text. */
export type Figure = number | string;

/** A line of RMAMP01: HKD equivalents; a positive quantity is long. */
export interface MarginablePosition {
  readonly instrument: string;
  readonly quantity: Figure;
  readonly contractValue: Figure;
  readonly marketValue: Figure;
}

export interface MarginParams {
  readonly minimumMarginRate: Figure;
  readonly flatRateMultiplier?: Figure;
  readonly flatRateGroups?: Readonly<Record<string, readonly string[]>>;
  readonly ipoInstruments?: readonly string[];
  readonly minimumTick?: Figure;
  readonly hedgingInstrument?: string;
  readonly marginCredit?: Figure;
  readonly positionLimit?: PositionLimit | null;
  /** A reported amount, used instead of the formula. */
  readonly positionLimitAddOnGiven?: Figure;
  /** MTM as reported, used instead of MV - CV: negative = a requirement. */
  readonly mtmGiven?: Figure;
  readonly creditRiskAddOn?: Figure;
  readonly adHocAddOn?: Figure;
  readonly applyHolidayAddOn?: boolean;
}

export interface PositionLimit {
  readonly liquidCapital: Figure;
  readonly multiplier: Figure;
  readonly cap: Figure | null;
  readonly addOnPercent: Figure;
}

export interface TailFigures {
  readonly tailCount: number;
  readonly tailSum: number;
  readonly mean: Figure;
  /** Scenario numbers, worst first; equal ones in order of number. */
  readonly tailScenarios: readonly number[];
}

type ByGroup<T> = Readonly<Record<string, T>>;

export interface MarginResult {
  readonly valuationDate: string;
  readonly portfolioMargin: {
    readonly amount: number;
    readonly hvar: ByGroup<Figure>;
    readonly svar: ByGroup<Figure>;
    readonly weighted: ByGroup<Figure>;
    readonly weightedTotal: Figure;
    readonly floorBase: Figure;
    readonly floor: number;
  };
  readonly flatRateMargin: number;
  readonly liquidationRiskAddOn: { readonly amount: number; readonly instrument: number; readonly portfolio: number };
  readonly structuredProductAddOn: number;
  readonly corporateActionMargin: number;
  readonly holidayAddOn: number;
  readonly aggregateBeforeRounding: number;
  readonly rounded: number;
  readonly mtmRequirement: Figure;
  readonly favourableMtm: Figure;
  readonly netMargin: Figure;
  readonly marginCredit: Figure;
  readonly netMarginAfterCredit: Figure;
  readonly positionLimitAddOn: Figure;
  readonly creditRisk: Figure;
  readonly adHoc: Figure;
  readonly total: Figure;
  readonly detail: {
    readonly unmatched: readonly string[];
    readonly groups: ByGroup<readonly string[]>;
    readonly hvarTails: ByGroup<TailFigures>;
    readonly svarTails: ByGroup<TailFigures>;
    readonly warnings: readonly string[];
  };
}
