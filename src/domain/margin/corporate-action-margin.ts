import { type Decimal, roundOff, sum } from '../exact.ts';
import type { Imrpf } from '../imrpf/imrpf.ts';
import { entitlementKey } from '../instrument-codes.ts';
import type { EntitlementHolding } from './classification.ts';

/**
 * Corporate-action position margin (guide 3.2.4.5): of each entitlement line, market value less contract value, at the long rate
 * if positive and at the short rate if negative, in absolute terms, rounded off by line. Quantity and the record's price are not
 * used; a line without a record costs nothing (mock conventions).
 */
export function corporateActionMargin(imrpf: Imrpf, lines: readonly EntitlementHolding[]): Decimal {
  return sum(
    lines.flatMap(({ entitlement, marketValue, contractValue }) => {
      const record = imrpf.entitlements.get(entitlementKey(entitlement));
      if (!record) return [];
      const net = marketValue.minus(contractValue);
      return [roundOff(net.times(net.gt(0) ? record.longPercent : record.shortPercent).abs())];
    }),
  );
}
