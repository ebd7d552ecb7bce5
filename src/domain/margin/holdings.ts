import type { Decimal } from '../exact.ts';
import { compareCodes } from '../instrument-codes.ts';
import type { CheckedPosition } from './input.ts';

/** One instrument, net over all lines that name it. */
export type Holding = CheckedPosition;

/**
 * Nets quantity, contract value and market value per instrument first (mock convention; RMAMP01 has one line per instrument),
 * in the order of codes, so that no figure or listing depends on the order of the lines. An instrument that nets to zero in all
 * three is left out.
 */
export function netHoldings(positions: readonly CheckedPosition[]): Holding[] {
  const net = new Map<string, Holding>();
  for (const position of positions) {
    const before = net.get(position.code);
    net.set(position.code, before ? add(before, position) : position);
  }
  return [...net.values()].filter(isNotZero).sort((a, b) => compareCodes(a.code, b.code));
}

function add(a: Holding, b: Holding): Holding {
  return {
    code: a.code,
    quantity: a.quantity.plus(b.quantity),
    contractValue: a.contractValue.plus(b.contractValue),
    marketValue: a.marketValue.plus(b.marketValue),
  };
}

function isNotZero({ quantity, contractValue, marketValue }: Holding): boolean {
  return [quantity, contractValue, marketValue].some((value: Decimal) => !value.eq(0));
}
