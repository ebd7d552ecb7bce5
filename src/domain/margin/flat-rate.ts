import { type Decimal, decimal, roundOff, sum, ZERO } from '../exact.ts';
import type { Imrpf } from '../imrpf/imrpf.ts';
import type { Holding } from './holdings.ts';
import type { CheckedParams } from './input.ts';

/**
 * Flat rate margin (guide 3.2.4.2): in each sub-margin group the larger of the long and the short market value is charged at the
 * rates of its instruments and the other side is dropped; then the participant's multiplier. Every FieldType 3 holding counts.
 *
 * Membership of a group is published on a website only, so equal rates make a group unless `flatRateGroups` says otherwise;
 * equal sides charge the long one; rounded off once, after the multiplier (mock conventions).
 */
export function flatRateMargin(imrpf: Imrpf, holdings: readonly Holding[], params: CheckedParams): Decimal {
  const charged = holdings.flatMap(({ code, marketValue }) => {
    const text = imrpf.flatRates.get(code);
    if (text === undefined) return [];
    const rate = decimal(text);
    const listed = params.flatRateGroups.get(code);
    // 0.12 and 0.120 are one group; the prefixes keep names of groups apart from rates.
    return [{ marketValue, rate, group: listed === undefined ? `rate ${rate.toFixed()}` : `group ${listed}` }];
  });
  const groups = Map.groupBy(charged, ({ group }) => group);
  return roundOff(sum([...groups.values()].map(chargeOf)).times(params.flatRateMultiplier));
}

interface Charged {
  readonly marketValue: Decimal;
  readonly rate: Decimal;
}

function chargeOf(group: readonly Charged[]): Decimal {
  const long = group.filter(({ marketValue }) => marketValue.gt(ZERO));
  const short = group.filter(({ marketValue }) => marketValue.lt(ZERO));
  const side = grossOf(short).gt(grossOf(long)) ? short : long;
  return sum(side.map(({ marketValue, rate }) => marketValue.abs().times(rate)));
}

function grossOf(side: readonly Charged[]): Decimal {
  return sum(side.map(({ marketValue }) => marketValue.abs()));
}
