import type { Imrpf } from '../imrpf/imrpf.ts';
import { type Entitlement, entitlementKey, entitlementOf } from '../instrument-codes.ts';
import type { Holding } from './holdings.ts';

/** An entitlement line, with the stock and type of its FieldType 7 record. */
export interface EntitlementHolding extends Holding {
  readonly entitlement: Entitlement;
}

export interface Classified {
  readonly tradeable: readonly Holding[];
  readonly entitlements: readonly EntitlementHolding[];
  /** Codes without a record. */
  readonly unmatched: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * A holding's records in the IMRPF decide which margins it takes part in (guide 3.2.2): FieldType 1 and 2 portfolio margin,
 * 3 flat rate, 4 and 5 liquidation risk, 6 structured products, and 7 for DSP, SRI and DIV lines, whose prefix is checked
 * first. Each component looks up its records; this function lists the holdings without any. That such a holding costs no
 * margin, and is not an error, is a mock convention.
 */
export function classify(imrpf: Imrpf, holdings: readonly Holding[]): Classified {
  const tradeable: Holding[] = [];
  const entitlements: EntitlementHolding[] = [];
  const unmatched: string[] = [];
  const warnings: string[] = [];
  for (const holding of holdings) {
    const { code } = holding;
    const entitlement = entitlementOf(code);
    if (entitlement) entitlements.push({ ...holding, entitlement });
    else tradeable.push(holding);
    if (entitlement ? imrpf.entitlements.has(entitlementKey(entitlement)) : isKnown(imrpf, code)) continue;
    unmatched.push(code);
    warnings.push(
      entitlement
        ? `${code}: the IMRPF has no FieldType 7 record of ${entitlement.stock} with type ${entitlement.type}; the line costs no corporate-action margin, and counts in MTM and net market value`
        : `${code}: the IMRPF has no record of it; it costs no margin, and counts in MTM and net market value`,
    );
  }
  return { tradeable, entitlements, unmatched, warnings };
}

/** FieldType 7 does not count: it is about the stock's entitlements, not about the stock. */
function isKnown({ hvar, svar, ...records }: Imrpf, code: string): boolean {
  return (
    [hvar, svar].some(({ rows }) => rows.has(code)) ||
    [records.flatRates, records.betaHedges, records.deltas, records.structured].some((table) => table.has(code))
  );
}
