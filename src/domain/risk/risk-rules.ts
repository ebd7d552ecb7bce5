import { addDays } from '../calendar/calendar.ts';
import { normalCode } from '../instrument-codes.ts';
import type { MarginParams } from '../margin/calculation.ts';
import type { Currency, MarketDate } from '../nouns/market.ts';
import type { CurrencyRate, Security } from '../positions/position-lines.ts';

/**
 * The inputs of a clearing participant's margin besides positions and the risk parameter file. They are data
 * (fixtures/orp/); decimals are exact texts.
 */
export interface RiskRules {
  /** Floor rate of the portfolio margin. */
  readonly minimumMarginRates: readonly Dated<{ readonly rate: string }>[];
  readonly marginCredit: string;
  readonly minimumTick: string;
  readonly hedgingInstrument: string;
  readonly positionLimit: { readonly multiplier: string; readonly cap: string | null } | null;
  readonly positionLimitAddOnPercents: readonly Dated<{ readonly percent: string }>[];
  readonly applyHolidayAddOn: boolean;
  /** Expected uncollateralised loss above which Guarantee Fund risk collateral is required. */
  readonly guaranteeFundLimit: string;
  readonly members: ReadonlyMap<string, MemberRules>;
  readonly otherMembers: MemberRules;
  readonly newListings: { readonly calendarDays: number; readonly stocks: readonly NewListing[] };
  readonly structuredProducts: readonly StructuredProduct[];
  /** Exchange traded funds among Tier P. */
  readonly funds: readonly string[];
  /** Tier N: stocks margined at a flat rate, by margin group; all others are Tier P. */
  readonly flatRateGroups: readonly FlatRateGroup[];
  readonly securities: readonly Security[];
  readonly currencies: Readonly<Partial<Record<Currency, CurrencyRate>>>;
}

/** Valid from a date on, until the next one of its kind. */
export type Dated<T> = T & { readonly from: MarketDate };

/** Settings of one clearing participant. HKD. */
export interface MemberRules {
  /** DWH0081C. */
  readonly flatRateMultiplier: string;
  readonly liquidCapital: string;
  readonly creditRiskAddOn: string;
  readonly adHocAddOn: string;
  /** Expected uncollateralised loss of the day, for RMADF01. */
  readonly dailyEul: string;
}

export interface NewListing {
  readonly stock: string;
  readonly listedOn: MarketDate;
}

export interface StructuredProduct {
  readonly stock: string;
  readonly underlying: string;
  readonly delta: string;
  readonly conversionRatio: string;
  /** FieldType 6: below this price the add-on is charged for a long position. */
  readonly priceThreshold: string;
  readonly tenthOfTickMultiplier: string;
}

export interface FlatRateGroup {
  readonly group: string;
  readonly rates: readonly Dated<{ readonly rate: string }>[];
  readonly stocks: readonly string[];
}

/** The one valid on a date: the latest that has begun, else the earliest; undefined if the list is empty. */
export function heldOn<T>(all: readonly Dated<T>[], date: MarketDate): Dated<T> | undefined {
  const inOrder = all.toSorted((a, b) => (a.from < b.from ? -1 : 1));
  return inOrder.findLast(({ from }) => from <= date) ?? inOrder[0];
}

export function memberRules(rules: RiskRules, participant: string): MemberRules {
  return rules.members.get(participant) ?? rules.otherMembers;
}

/** A line of the IPO Indicator Report. */
export interface IpoIndicator {
  readonly instrument: string;
  readonly underlying: string;
  readonly listedOn: MarketDate;
}

/** The stocks listed within the last 180 calendar days and their structured products, each a separate portfolio (DWH0303). */
export function ipoIndicators(rules: RiskRules, date: MarketDate): readonly IpoIndicator[] {
  const { calendarDays, stocks } = rules.newListings;
  return stocks
    .filter(({ listedOn }) => listedOn <= date && date < addDays(listedOn, calendarDays))
    .flatMap(({ stock, listedOn }) => [
      { instrument: stock, underlying: stock, listedOn },
      ...rules.structuredProducts
        .filter(({ underlying }) => underlying === stock)
        .map((product) => ({ instrument: product.stock, underlying: stock, listedOn })),
    ]);
}

/** The parameters of one participant in a run, except for the MTM, which follows from the positions. */
export function marginParams(rules: RiskRules, participant: string, date: MarketDate): MarginParams {
  const member = memberRules(rules, participant);
  const { positionLimit } = rules;
  return {
    minimumMarginRate: heldOn(rules.minimumMarginRates, date)?.rate ?? '0',
    flatRateMultiplier: member.flatRateMultiplier,
    ipoInstruments: ipoIndicators(rules, date).map(({ instrument }) => normalCode(instrument)),
    minimumTick: rules.minimumTick,
    hedgingInstrument: normalCode(rules.hedgingInstrument),
    marginCredit: rules.marginCredit,
    positionLimit: positionLimit && {
      liquidCapital: member.liquidCapital,
      multiplier: positionLimit.multiplier,
      cap: positionLimit.cap,
      addOnPercent: heldOn(rules.positionLimitAddOnPercents, date)?.percent ?? '0',
    },
    creditRiskAddOn: member.creditRiskAddOn,
    adHocAddOn: member.adHocAddOn,
    applyHolidayAddOn: rules.applyHolidayAddOn,
  };
}
