import { type Decimal, decimal, larger, roundOff, sum, ZERO } from '../exact.ts';
import type { BetaHedge, Imrpf } from '../imrpf/imrpf.ts';
import type { Holding } from './holdings.ts';
import type { CheckedParams } from './input.ts';
import { inputProblem, MarginInputError } from './margin-input-error.ts';

export interface LiquidationRisk {
  readonly instrument: Decimal;
  readonly portfolio: Decimal;
  readonly amount: Decimal;
  readonly warnings: readonly string[];
}

/**
 * Liquidation risk add-on (guide 3.2.4.3): the cost of closing out what exceeds the size that the market takes, by underlying
 * and, beta-weighted and hedged with one instrument, for the whole. At a threshold there is no charge.
 *
 * Both levels are rounded off once each, then added; an underlying without a FieldType 4 record adds nothing at either level
 * and gives a warning; a hedging instrument without one is an error as soon as a group takes part (mock conventions).
 */
export function liquidationRisk(imrpf: Imrpf, holdings: readonly Holding[], params: CheckedParams): LiquidationRisk {
  const groups: { readonly value: Decimal; readonly hedge: BetaHedge }[] = [];
  const warnings: string[] = [];
  for (const [underlying, { value, codes }] of deltaValues(imrpf, holdings)) {
    const hedge = imrpf.betaHedges.get(underlying);
    if (hedge) groups.push({ value, hedge });
    else
      warnings.push(
        `${underlying}: the IMRPF has no FieldType 4 record of it; its group (${codes.join(', ')}) costs no liquidation risk add-on`,
      );
  }
  if (groups.length === 0) return { instrument: ZERO, portfolio: ZERO, amount: ZERO, warnings };

  const hedging = imrpf.betaHedges.get(params.hedgingInstrument);
  if (!hedging) {
    throw new MarginInputError(
      inputProblem('params.hedgingInstrument', params.hedgingInstrument, {
        en: 'an instrument with a FieldType 4 record in the IMRPF',
        zh: ' IMRPF 載有其 FieldType 4 記錄的證券',
      }),
    );
  }
  const instrument = roundOff(sum(groups.map(({ value, hedge }) => beyondThreshold(value, hedge))));
  const portfolio = roundOff(beyondThreshold(sum(groups.map(({ value, hedge }) => value.times(hedge.beta))), hedging));
  return { instrument, portfolio, amount: instrument.plus(portfolio), warnings };
}

interface DeltaValue {
  readonly value: Decimal;
  readonly codes: readonly string[];
}

/**
 * Delta-equivalent market value by underlying: quantity x cash delta, from FieldType 5 for a structured product, even if it has
 * a FieldType 4 record, and from FieldType 4 for a stock; not the reported market value (guide 3.2.4.3).
 */
function deltaValues(imrpf: Imrpf, holdings: readonly Holding[]): Map<string, DeltaValue> {
  const groups = new Map<string, DeltaValue>();
  for (const { code, quantity } of holdings) {
    const delta = imrpf.deltas.get(code);
    const record = delta ?? imrpf.betaHedges.get(code);
    if (!record) continue;
    const underlying = delta?.underlying ?? code;
    const { value, codes } = groups.get(underlying) ?? { value: ZERO, codes: [] };
    groups.set(underlying, { value: value.plus(quantity.times(record.cashDelta)), codes: [...codes, code] });
  }
  return groups;
}

function beyondThreshold(value: Decimal, { threshold, bucketRate }: BetaHedge): Decimal {
  return larger(value.abs().minus(threshold), decimal(0)).times(bucketRate);
}
