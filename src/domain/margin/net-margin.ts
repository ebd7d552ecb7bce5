import { type Decimal, larger, ZERO } from '../exact.ts';

export interface NetMargin {
  readonly mtmRequirement: Decimal;
  readonly favourableMtm: Decimal;
  readonly netMargin: Decimal;
  readonly afterCredit: Decimal;
}

/**
 * Favourable MTM and the margin credit are deducted, but never below zero (guide 3.2.5.2, 3.2.5.3). MTM is either favourable
 * or a requirement; a requirement is added to the total, and no credit reduces it.
 *
 * @param mtm negative is a requirement
 */
export function netMargin(rounded: Decimal, mtm: Decimal, credit: Decimal): NetMargin {
  const favourableMtm = larger(mtm, ZERO);
  const net = larger(rounded.minus(favourableMtm), ZERO);
  return {
    mtmRequirement: larger(mtm.times(-1), ZERO),
    favourableMtm,
    netMargin: net,
    afterCredit: larger(net.minus(credit), ZERO),
  };
}
