import type { Imrpf } from '../imrpf/imrpf.ts';
import { compareCodes } from '../instrument-codes.ts';
import type { Holding } from './holdings.ts';

/** Group of everything outside an IPO (the name is a mock convention). */
export const NON_IPO = 'NON_IPO';

export type Groups = ReadonlyMap<string, readonly Holding[]>;

/**
 * Each IPO stock with its structured products is a separate portfolio, everything else is one (guide 3.2.4.1). A product
 * belongs to its FieldType 5 underlying, even if the stock itself is not held. In the order of codes, NON_IPO last.
 */
export function portfolioGroups(imrpf: Imrpf, holdings: readonly Holding[], ipos: ReadonlySet<string>): Groups {
  const groups = Map.groupBy(holdings, ({ code }) => {
    const key = imrpf.deltas.get(code)?.underlying ?? code;
    return ipos.has(key) ? key : NON_IPO;
  });
  const inOrder = [...groups].sort(([a], [b]) => Number(a === NON_IPO) - Number(b === NON_IPO) || compareCodes(a, b));
  return new Map(inOrder);
}
