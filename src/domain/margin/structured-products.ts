import { type Decimal, decimal, roundOff, sum } from '../exact.ts';
import type { Imrpf } from '../imrpf/imrpf.ts';
import type { Holding } from './holdings.ts';
import type { CheckedParams } from './input.ts';

/** Column 2 of FieldType 6 is in tenths of a tick. */
const TENTHS = decimal(10);

/**
 * Structured product add-on (guide 3.2.4.4): a number of minimum ticks per unit of each long position with a FieldType 6 record.
 * Short positions pay nothing. The record is enough: its price threshold is not tested again. Rounded off once (mock
 * conventions).
 */
export function structuredProductAddOn(imrpf: Imrpf, holdings: readonly Holding[], params: CheckedParams): Decimal {
  const terms = holdings.flatMap(({ code, quantity }) => {
    const record = imrpf.structured.get(code);
    return record && quantity.gt(0)
      ? [quantity.times(TENTHS).times(record.tenthOfTickMultiplier).times(params.minimumTick)]
      : [];
  });
  return roundOff(sum(terms));
}
