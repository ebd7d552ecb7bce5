import { type Decimal, roundOff, sum } from '../exact.ts';
import type { Holding } from './holdings.ts';

/**
 * Mark-to-market (guide 3.2.6.1): market value less contract value, rounded off per line, then added; negative is a
 * requirement. The guide's appendix on currencies has the opposite sign.
 */
export function markToMarket(holdings: readonly Holding[]): Decimal {
  return sum(holdings.map(({ marketValue, contractValue }) => roundOff(marketValue.minus(contractValue))));
}
