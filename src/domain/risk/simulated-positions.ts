import { amount, type Decimal, decimal, figure, quotient } from '../exact.ts';
import { compareCodes, normalCode } from '../instrument-codes.ts';
import type { MarginablePosition } from '../margin/calculation.ts';
import type { Currency } from '../nouns/market.ts';
import { mtmFigures } from '../positions/mtm-by-currency.ts';
import type { MarginablePositions, MtmFigures } from '../positions/position-lines.ts';
import { Rates } from '../positions/rates.ts';

/** Positions at the start or the end of a simulation, with their MTM. */
export interface SimulatedPositions {
  readonly positions: readonly MarginablePosition[];
  readonly mtm: MtmFigures;
}

/** HKD for one unit, as a fraction: a reported market value and its quantity. */
export interface Mark {
  readonly value: Decimal;
  readonly quantity: Decimal;
}

type GivenRates = ConstructorParameters<typeof Rates>[0];

/** The prices behind reported market values, by code. */
export function marksOf(positions: readonly MarginablePosition[]): Map<string, Mark> {
  const marks = new Map<string, Mark>();
  for (const { instrument, quantity, marketValue } of positions) {
    const held = decimal(quantity);
    if (!held.eq(0)) marks.set(normalCode(instrument), { value: decimal(marketValue), quantity: held });
  }
  return marks;
}

/**
 * The same positions at other prices. A market value changes, and the MTM of its currency by the same amount; positions
 * without a mark are unchanged. Market values are rounded to whole HKD, changes of MTM to whole units (mock conventions).
 */
export function atMarks(
  { positions, mtm }: SimulatedPositions,
  markOf: (instrument: string) => Mark | undefined,
  currencyOf: (instrument: string) => Currency,
  givenRates: GivenRates,
): SimulatedPositions {
  const rates = new Rates(givenRates);
  const changes: { currency: Currency; mtm: Decimal }[] = [];
  const marked = positions.map((position) => {
    const { instrument } = position;
    const [held, mark] = [decimal(position.quantity), markOf(normalCode(instrument))];
    if (held.eq(0) || !mark) return position;
    const marketValue = quotient(held.times(mark.value), mark.quantity, 0);
    const currency = currencyOf(normalCode(instrument));
    const change = quotient(marketValue.minus(decimal(position.marketValue)), rates.hkd(decimal(1), currency), 0);
    if (!change.eq(0)) changes.push({ currency, mtm: change });
    return { ...position, marketValue: amount(`${instrument} marketValue`, marketValue) };
  });
  return { positions: marked, mtm: mtmOnTop(mtm, changes, rates) };
}

/**
 * Adds positions of hypothetical trades to existing ones: one line per instrument, in order of codes. Both parts were
 * rounded to whole HKD before, so a line may differ by 1 HKD from one built in one step (mock convention).
 */
export function withTrades(
  existing: SimulatedPositions,
  added: Pick<MarginablePositions, 'positions' | 'mtm'>,
  givenRates: GivenRates,
): SimulatedPositions {
  const lines = new Map<string, MarginablePosition>();
  for (const position of [...existing.positions, ...added.positions]) {
    const code = normalCode(position.instrument);
    const before = lines.get(code);
    lines.set(code, before ? sumOf(before, position) : position);
  }
  const positions = [...lines].sort(([a], [b]) => compareCodes(a, b)).map(([, line]) => line);
  const changes = added.mtm.byCurrency.map(({ currency, mtm }) => ({ currency, mtm: decimal(mtm) }));
  return { positions, mtm: mtmOnTop(existing.mtm, changes, new Rates(givenRates)) };
}

function sumOf(a: MarginablePosition, b: MarginablePosition): MarginablePosition {
  const add = (name: 'quantity' | 'contractValue' | 'marketValue') =>
    figure(`${a.instrument} ${name}`, decimal(a[name]).plus(decimal(b[name])));
  return {
    instrument: a.instrument,
    quantity: add('quantity'),
    contractValue: add('contractValue'),
    marketValue: add('marketValue'),
  };
}

/** MTM nets per currency before it is converted, so added amounts must net with existing ones. */
function mtmOnTop(mtm: MtmFigures, changes: readonly { currency: Currency; mtm: Decimal }[], rates: Rates): MtmFigures {
  if (changes.every((change) => change.mtm.eq(0))) return mtm;
  const before = mtm.byCurrency.map((row) => ({ currency: row.currency, mtm: decimal(row.mtm) }));
  return mtmFigures([...before, ...changes], rates);
}
