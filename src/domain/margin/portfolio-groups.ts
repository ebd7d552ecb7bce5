import type { Imrpf } from '../imrpf/imrpf.ts';
import { compareCodes } from '../instrument-codes.ts';
import type { Holding } from './holdings.ts';

/** Group of everything outside an IPO (mock convention: the guide names it in words only). */
export const NON_IPO = 'NON_IPO';

export type Groups = ReadonlyMap<string, readonly Holding[]>;

/**
 * Each IPO stock with its structured products is a portfolio of its own, all else is one (guide 3.2.4.1). A product goes by its
 * FieldType 5 underlying, also where the stock itself is not held. In the order of codes, NON_IPO last.
 */
export function portfolioGroups(imrpf: Imrpf, holdings: readonly Holding[], ipos: ReadonlySet<string>): Groups {
  const groups = Map.groupBy(holdings, ({ code }) => {
    const key = imrpf.deltas.get(code)?.underlying ?? code;
    return ipos.has(key) ? key : NON_IPO;
  });
  const inOrder = [...groups].sort(([a], [b]) => Number(a === NON_IPO) - Number(b === NON_IPO) || compareCodes(a, b));
  return new Map(inOrder);
}
