import { type Decimal, roundOff, ZERO } from '../exact.ts';

/**
 * Holiday add-on (guide 3.2.4.6): portfolio and flat rate margin, each rounded before, x the file's factor as it is printed.
 * HKSCC has not applied it since launch, so it is off by default.
 */
export function holidayAddOn(portfolio: Decimal, flatRate: Decimal, factor: string, applies: boolean): Decimal {
  return applies ? roundOff(portfolio.plus(flatRate).times(factor)) : ZERO;
}
