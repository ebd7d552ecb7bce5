import { amount, type Decimal, decimal, figure, larger, roundOff, smaller, sum, ZERO } from '../exact.ts';
import type { Imrpf } from '../imrpf/imrpf.ts';
import { entitlementOf, normalCode } from '../instrument-codes.ts';
import type { Figure, MarginablePosition } from '../margin/calculation.ts';
import { type Holding, netHoldings } from '../margin/holdings.ts';
import { checkedInput } from '../margin/input.ts';
import type { Words } from '../nouns/market.ts';

/**
 * Stress tests of a simulation. That stressed scenario sets exist is published; their content and how they are applied are
 * mock conventions. The sets are data (fixtures/orp/stress/).
 */
export interface StressSet {
  readonly id: string;
  readonly name: Words;
  readonly scenarios: readonly StressScenario[];
}

export interface StressScenario {
  /** From 1, within its set. */
  readonly number: number;
  readonly name: Words;
  /** The index's move, a fraction; each instrument moves by its beta (FieldType 4) times that, or by 1 without a beta. */
  readonly index: Figure;
  /** Moves of single instruments that replace it, by code. */
  readonly instruments?: Readonly<Record<string, Figure>>;
}

export interface StressResult {
  readonly set: string;
  /** The worst first; equal ones in order of number. */
  readonly scenarios: readonly StressedScenario[];
}

export interface StressedScenario {
  readonly number: number;
  readonly name: Words;
  /** Profit (positive) or loss of all positions, whole HKD. */
  readonly profitAndLoss: number;
  /** The instruments that lose most, at most ten, the worst first. */
  readonly worst: readonly StressedInstrument[];
}

export interface StressedInstrument {
  readonly instrument: string;
  /** Its move, or for a structured product that of its underlying. */
  readonly move: Figure;
  readonly profitAndLoss: number;
}

/** A total loss: nothing falls by more. */
const TO_NOTHING = decimal(-1);
const SHOWN = 10;

/**
 * Profit and loss of positions in each scenario of a set, scenario by scenario: market value x move, rounded off to whole HKD
 * per instrument. A structured product moves with its underlying: quantity x cash delta x move, but a long one loses, and a
 * short one gains, no more than its market value. DSP and SRI lines move with their stock, a dividend does not move.
 */
export function* stressSteps(
  imrpf: Imrpf,
  positions: readonly MarginablePosition[],
  { id, scenarios }: StressSet,
): Generator<null, StressResult> {
  // Only the positions matter here; the rate is given because a calculation must have one.
  const holdings = netHoldings(checkedInput(positions, { minimumMarginRate: 0 }).positions);
  const stressed: StressedScenario[] = [];
  for (const scenario of scenarios) {
    stressed.push(inScenario(imrpf, holdings, scenario));
    yield null;
  }
  stressed.sort((a, b) => a.profitAndLoss - b.profitAndLoss || a.number - b.number);
  return { set: id, scenarios: stressed };
}

function inScenario(imrpf: Imrpf, holdings: readonly Holding[], scenario: StressScenario): StressedScenario {
  const moves = new Map(Object.entries(scenario.instruments ?? {}).map(([code, move]) => [normalCode(code), move]));
  const moveOf = (code: string): Decimal => {
    const given = moves.get(code);
    const move =
      given === undefined ? decimal(scenario.index).times(imrpf.betaHedges.get(code)?.beta ?? 1) : decimal(given);
    return larger(TO_NOTHING, move);
  };
  const terms = holdings.map((holding) => {
    const { code } = holding;
    const move = moveOf(movesWith(imrpf, code));
    return { code, move, value: roundOff(profitAndLoss(imrpf, holding, move)) };
  });
  const losers = terms.filter(({ value }) => value.lt(0)).sort((a, b) => a.value.cmp(b.value));
  return {
    number: scenario.number,
    name: scenario.name,
    profitAndLoss: amount('profitAndLoss', sum(terms.map(({ value }) => value))),
    worst: losers.slice(0, SHOWN).map(({ code, move, value }) => ({
      instrument: code,
      move: figure(`${code} move`, move),
      profitAndLoss: amount(`${code} profitAndLoss`, value),
    })),
  };
}

/** The code whose move a holding follows. */
function movesWith({ deltas }: Imrpf, code: string): string {
  return entitlementOf(code)?.stock ?? deltas.get(code)?.underlying ?? code;
}

function profitAndLoss({ deltas }: Imrpf, { code, quantity, marketValue }: Holding, move: Decimal): Decimal {
  const entitlement = entitlementOf(code);
  if (entitlement?.type === CASH_DIVIDEND) return ZERO;
  const product = entitlement ? undefined : deltas.get(code);
  if (!product) return marketValue.times(move);
  const linear = quantity.times(product.cashDelta).times(move);
  const toNothing = ZERO.minus(marketValue);
  return quantity.gt(0) ? larger(linear, toNothing) : smaller(linear, toNothing);
}

const CASH_DIVIDEND = 3;
