import { type Decimal, ZERO } from '../exact.ts';
import { normalCode } from '../instrument-codes.ts';
import { inputProblem, MarginInputError } from '../margin/margin-input-error.ts';
import type { MarketDate } from '../nouns/market.ts';
import type { Line } from './line-reading.ts';
import { wholeShares } from './never-ending.ts';
import type { CorporateAction, Entitlement } from './position-lines.ts';
import { readFigure } from './rates.ts';

/** A row with codes in normal form. */
interface Action extends CorporateAction {
  readonly path: string;
}

/**
 * Adjusts positions traded before an ex-date (guide, section 4.5): the quantity by the conversion ratio, under the converted
 * code, at an unchanged contract value; and adds a line for each entitlement, based on the quantity held before.
 *
 * Ex-dates apply in order, each to the result of the one before; those after the business date do not count yet; all rows of
 * one ex-date use the quantity and code held before it, and entitlement lines are not adjusted again (mock conventions).
 * @returns the lines, followed by their entitlements, which are in HKD
 * @throws MarginInputError if two rows of one ex-date convert the same stock
 */
export function adjustForCorporateActions(
  lines: readonly Line[],
  actions: readonly CorporateAction[],
  businessDate: MarketDate,
): Line[] {
  const due = actions
    .map(
      (action, index): Action => ({
        ...action,
        instrument: normalCode(action.instrument),
        path: `corporateActions[${index}]`,
      }),
    )
    .filter(({ exDate }) => exDate <= businessDate);
  let stocks = [...lines];
  const entitlements: Line[] = [];
  for (const [exDate, ofDay] of [...Map.groupBy(due, (action) => action.exDate)].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const byInstrument = Map.groupBy(ofDay, ({ instrument }) => instrument);
    stocks = stocks.map((line) => {
      const rows = line.tradeDate < exDate ? (byInstrument.get(line.instrument) ?? []) : [];
      entitlements.push(...rows.flatMap((row) => entitlementLines(line, row)));
      return converted(line, rows);
    });
  }
  return [...stocks, ...entitlements];
}

/** A row with the same code and a ratio of 1 changes nothing, like a blank; another row may change something. */
function converted(line: Line, rows: readonly Action[]): Line {
  const conversions = rows.map((row) => ({ path: row.path, ...conversionOf(line, row) }));
  const [change, another] = conversions.filter(
    ({ instrument, ratio }) => instrument !== line.instrument || (ratio !== null && !ratio.eq(1)),
  );
  if (another) {
    throw new MarginInputError(
      inputProblem(
        another.path,
        {
          en: `a second conversion of ${line.instrument} on one ex-date`,
          zh: `${line.instrument} 於同一除淨日的第二項轉換`,
        },
        { en: 'one row that changes its code or quantity', zh: '只有一行更改其代號或數量' },
      ),
    );
  }
  const { instrument, ratio } = change ?? conversions.find((row) => row.ratio !== null) ?? { ...line, ratio: null };
  return { ...line, instrument, quantity: ratio === null ? line.quantity : wholeShares(line.quantity.times(ratio)) };
}

function conversionOf({ instrument }: Line, { convertedInstrument, quantityRatio, path }: Action) {
  return {
    instrument: convertedInstrument === null ? instrument : normalCode(convertedInstrument),
    ratio: quantityRatio === null ? null : readFigure(`${path}.quantityRatio`, quantityRatio),
  };
}

function entitlementLines(line: Line, { cashDividend, stockDividend, rights, path }: Action): Line[] {
  const of = (
    name: string,
    entitlement: Entitlement | null,
    value: (held: Decimal) => Pick<Line, 'quantity' | 'amount'>,
  ) => {
    if (entitlement === null) return [];
    const perHeld = line.quantity.times(readFigure(`${path}.${name}.perShare`, entitlement.perShare));
    return [{ ...line, currency: 'HKD' as const, instrument: normalCode(entitlement.instrument), ...value(perHeld) }];
  };
  const shares = (perHeld: Decimal) => ({ quantity: wholeShares(perHeld), amount: ZERO });
  return [
    ...of('cashDividend', cashDividend, (perHeld) => ({ quantity: ZERO, amount: perHeld.round(2) })),
    ...of('stockDividend', stockDividend, shares),
    ...of('rights', rights, shares),
  ];
}
