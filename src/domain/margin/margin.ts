import { decimal, roundUpTo, sum } from '../exact.ts';
import type { Imrpf } from '../imrpf/imrpf.ts';
import type { MarginablePosition, MarginParams, MarginResult } from './calculation.ts';
import { classify } from './classification.ts';
import { corporateActionMargin } from './corporate-action-margin.ts';
import { flatRateMargin } from './flat-rate.ts';
import { netHoldings } from './holdings.ts';
import { holidayAddOn } from './holiday.ts';
import { checkedInput } from './input.ts';
import { liquidationRisk } from './liquidation-risk.ts';
import { markToMarket } from './mark-to-market.ts';
import { netMargin } from './net-margin.ts';
import { portfolioMargin, portfolioSteps } from './portfolio.ts';
import { positionLimitAddOn } from './position-limit.ts';
import { marginResult } from './result.ts';
import { structuredProductAddOn } from './structured-products.ts';

/** Progress of a calculation: scenario records processed, of all. */
export interface MarginProgress {
  readonly done: number;
  readonly total: number;
}

/**
 * The margin of one participant's marginable positions (Initial Margin Calculation Guide v1.4, section 3.2, completed by the
 * mock conventions of docs/fidelity.md).
 *
 * @param positions lines of RMAMP01, in any order
 * @throws MarginInputError if margin cannot be computed from the input
 */
export function margin(imrpf: Imrpf, positions: readonly MarginablePosition[], params: MarginParams): MarginResult {
  const steps = marginSteps(imrpf, positions, params);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** Like `margin`, but yields after each scenario record, so that the caller can report progress, run other work, or stop. */
export function* marginSteps(
  imrpf: Imrpf,
  positions: readonly MarginablePosition[],
  params: MarginParams,
): Generator<MarginProgress, MarginResult> {
  const checked = checkedInput(positions, params);
  const holdings = netHoldings(checked.positions);
  const { tradeable, entitlements, unmatched, warnings } = classify(imrpf, holdings);
  const given = checked.params;

  const steps = portfolioMargin(imrpf, tradeable, given);
  const total = portfolioSteps(imrpf, tradeable);
  let step = steps.next();
  for (let done = 1; !step.done; done++) {
    yield { done, total };
    step = steps.next();
  }
  const portfolio = step.value;
  const flatRate = flatRateMargin(imrpf, tradeable, given);
  const liquidation = liquidationRisk(imrpf, tradeable, given);
  const structured = structuredProductAddOn(imrpf, tradeable, given);
  const corporateAction = corporateActionMargin(imrpf, entitlements);
  const holiday = holidayAddOn(portfolio.amount, flatRate, imrpf.parameters.holidayFactor, given.applyHolidayAddOn);

  const unit = decimal(imrpf.parameters.rounding);
  const withoutHoliday = sum([portfolio.amount, flatRate, liquidation.amount, structured, corporateAction]);
  const aggregate = withoutHoliday.plus(holiday);
  const rounded = roundUpTo(aggregate, unit);
  const net = netMargin(rounded, given.mtmGiven ?? markToMarket(holdings), given.marginCredit);
  const positionLimit =
    given.positionLimitAddOnGiven ??
    positionLimitAddOn(holdings, roundUpTo(withoutHoliday, unit), net.afterCredit, given.positionLimit);
  return marginResult(imrpf, {
    ...{
      portfolio,
      flatRate,
      liquidation,
      structured,
      corporateAction,
      holiday,
      aggregate,
      rounded,
      net,
      positionLimit,
    },
    ...{ credit: given.marginCredit, creditRisk: given.creditRiskAddOn, adHoc: given.adHocAddOn, unmatched, warnings },
  });
}
