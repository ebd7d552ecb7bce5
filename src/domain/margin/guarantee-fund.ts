import { decimal, figure, larger, quotient, sum, ZERO } from '../exact.ts';
import type { Figure } from './calculation.ts';

/** HKD; the present "predefined limit" of the guide. */
export const GUARANTEE_FUND_LIMIT = 3_650_000_000;

export interface UncollateralisedLoss {
  readonly participant: string;
  /** Daily EUL of RMADF01, HKD, not negative. */
  readonly expectedLoss: Figure;
}

export interface GuaranteeFundCollateral {
  readonly participant: string;
  readonly collateral: Figure;
}

/**
 * Guarantee Fund risk collateral (guide, section of that name), which is not part of the total: the excess of a group's
 * expected uncollateralised loss over the predefined limit, shared among its participants in proportion to theirs. The caller
 * must know whether the fund has reached its threshold. Not rounded (mock convention), except to ten decimals for output.
 */
export function guaranteeFundCollateral(
  group: readonly UncollateralisedLoss[],
  limit: Figure = GUARANTEE_FUND_LIMIT,
): GuaranteeFundCollateral[] {
  const losses = group.map(({ expectedLoss }) => decimal(expectedLoss));
  const total = sum(losses);
  const excess = larger(total.minus(limit), ZERO);
  return group.map(({ participant }, index) => {
    const share = total.eq(0) ? ZERO : quotient(excess.times(losses[index] ?? ZERO), total, 10);
    return { participant, collateral: figure(`${participant} collateral`, share) };
  });
}
