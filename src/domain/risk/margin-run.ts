import type { Figure, MarginablePosition, MarginParams, MarginResult } from '../margin/calculation.ts';
import type { Instant, MarketDate } from '../nouns/market.ts';
import type { MtmFigures } from '../positions/position-lines.ts';

/** The figures of one scheduled run for one clearing participant, as its reports and on-line enquiries show them. */
export interface MarginRun {
  /** The key of the run among those of a date, such as `margin 11:00`. */
  readonly run: string;
  readonly participant: string;
  readonly businessDate: MarketDate;
  /** HHMM of the snapshot. */
  readonly snapshot: string;
  /** When the run was due. */
  readonly at: Instant;
  /** When its reports are published; on-line enquiries show it from then on. */
  readonly availableAt: Instant;
  /** The lines of RMAMP01. */
  readonly positions: readonly MarginablePosition[];
  readonly params: MarginParams;
  readonly result: MarginResult;
  readonly mtm: MtmFigures;
  /** For a general clearing participant, in runs by account: a projection for each account, the house account first. */
  readonly accounts?: readonly AccountProjection[];
  /** The risk parameter file in force: its business date, and the SHA-256 of its data zip in RAP. */
  readonly imrpf: { readonly businessDate: MarketDate; readonly sha256: string };
}

/** MTM and initial margin of one account alone, in HKD: before credit, limits and add-ons, which are the participant's. */
export interface AccountProjection {
  /** `H1`, or a non-clearing participant, `nnnnn+`. */
  readonly account: string;
  readonly mtmRequirement: number;
  readonly favourableMtm: number;
  readonly marginRequirement: Figure;
  /** Sum of margin and MTM requirement. */
  readonly total: Figure;
}

/** The figures of a run, one amount per name: a row of RMAMR01, a line of the on-line history. */
export function runFigures({ result, mtm }: MarginRun) {
  return {
    mtmRequirement: mtm.requirement,
    favourableMtm: mtm.favourable,
    portfolioMargin: result.portfolioMargin.amount,
    flatRateMargin: result.flatRateMargin,
    liquidationRiskAddOn: result.liquidationRiskAddOn.amount,
    structuredProductAddOn: result.structuredProductAddOn,
    corporateActionMargin: result.corporateActionMargin,
    holidayAddOn: result.holidayAddOn,
    aggregateBeforeRounding: result.aggregateBeforeRounding,
    rounded: result.rounded,
    netMargin: result.netMargin,
    marginCredit: result.marginCredit,
    netMarginAfterCredit: result.netMarginAfterCredit,
    positionLimitAddOn: result.positionLimitAddOn,
    creditRisk: result.creditRisk,
    adHoc: result.adHoc,
    total: result.total,
  };
}
