import { amount, type Decimal, decimal, figure, quotient, sum } from '../exact.ts';
import type { Imrpf } from '../imrpf/imrpf.ts';
import type { Figure, MarginResult, TailFigures } from './calculation.ts';
import type { LiquidationRisk } from './liquidation-risk.ts';
import type { NetMargin } from './net-margin.ts';
import type { PortfolioMargin } from './portfolio.ts';
import type { Tail } from './tails.ts';

/** The exact components. */
export interface Components {
  readonly portfolio: PortfolioMargin;
  readonly flatRate: Decimal;
  readonly liquidation: LiquidationRisk;
  readonly structured: Decimal;
  readonly corporateAction: Decimal;
  readonly holiday: Decimal;
  readonly aggregate: Decimal;
  readonly rounded: Decimal;
  readonly net: NetMargin;
  readonly positionLimit: Decimal;
  readonly credit: Decimal;
  readonly creditRisk: Decimal;
  readonly adHoc: Decimal;
  readonly unmatched: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * The components as output, and their total: net margin after credit plus, unreduced, MTM requirement, position limit,
 * credit risk and ad hoc add-ons (guide 3.2.6). Guarantee Fund risk collateral is not part of it.
 *
 * @throws MarginInputError if an amount is too large for an exact JSON number
 */
export function marginResult(imrpf: Imrpf, components: Components): MarginResult {
  const { portfolio, liquidation, net, positionLimit, creditRisk, adHoc } = components;
  const { shortfall } = portfolio;
  const weight = (group: string, top: Decimal) => figure(`weighted ${group}`, quotient(top, shortfall.denominator, 10));
  const hvarTails = byGroup(portfolio.hvarTails, (group, tail) => tailFigures(`HVaR ${group}`, tail));
  const svarTails = byGroup(portfolio.svarTails, (group, tail) => tailFigures(`SVaR ${group}`, tail));
  const total = sum([net.afterCredit, net.mtmRequirement, positionLimit, creditRisk, adHoc]);
  return {
    valuationDate: imrpf.parameters.valuationDate,
    portfolioMargin: {
      amount: amount('portfolioMargin', portfolio.amount),
      hvar: means(hvarTails),
      svar: means(svarTails),
      weighted: byGroup(shortfall.weighted, weight),
      weightedTotal: weight('total', shortfall.total),
      floorBase: figure('floorBase', portfolio.floorBase),
      floor: amount('floor', portfolio.floor),
    },
    flatRateMargin: amount('flatRateMargin', components.flatRate),
    liquidationRiskAddOn: {
      amount: amount('liquidationRiskAddOn', liquidation.amount),
      instrument: amount('liquidationRiskAddOn.instrument', liquidation.instrument),
      portfolio: amount('liquidationRiskAddOn.portfolio', liquidation.portfolio),
    },
    structuredProductAddOn: amount('structuredProductAddOn', components.structured),
    corporateActionMargin: amount('corporateActionMargin', components.corporateAction),
    holidayAddOn: amount('holidayAddOn', components.holiday),
    aggregateBeforeRounding: amount('aggregateBeforeRounding', components.aggregate),
    rounded: amount('rounded', components.rounded),
    mtmRequirement: figure('mtmRequirement', net.mtmRequirement),
    favourableMtm: figure('favourableMtm', net.favourableMtm),
    netMargin: figure('netMargin', net.netMargin),
    marginCredit: figure('marginCredit', components.credit),
    netMarginAfterCredit: figure('netMarginAfterCredit', net.afterCredit),
    positionLimitAddOn: figure('positionLimitAddOn', positionLimit),
    creditRisk: figure('creditRisk', creditRisk),
    adHoc: figure('adHoc', adHoc),
    total: figure('total', total),
    detail: {
      unmatched: components.unmatched,
      groups: byGroup(portfolio.groups, (_, holdings) => holdings.map(({ code }) => code)),
      hvarTails,
      svarTails,
      warnings: [...imrpf.warnings, ...components.warnings, ...liquidation.warnings],
    },
  };
}

function tailFigures(name: string, { count, sum: total, scenarios }: Tail): TailFigures {
  return {
    tailCount: count,
    tailSum: amount(name, total),
    mean: figure(name, quotient(total, decimal(count), 10)),
    tailScenarios: scenarios,
  };
}

function means(tails: Readonly<Record<string, TailFigures>>): Record<string, Figure> {
  return Object.fromEntries(Object.entries(tails).map(([group, { mean }]) => [group, mean]));
}

function byGroup<From, To>(
  groups: ReadonlyMap<string, From>,
  convert: (group: string, from: From) => To,
): Record<string, To> {
  return Object.fromEntries([...groups].map(([group, from]) => [group, convert(group, from)]));
}
