import { type Decimal, sum } from '../exact.ts';
import { compareCodes } from '../instrument-codes.ts';
import { inputProblem, MarginInputError } from '../margin/margin-input-error.ts';
import type { Currency } from '../nouns/market.ts';
import type { Line } from './line-reading.ts';

export interface NetPosition {
  readonly instrument: string;
  readonly currency: Currency;
  readonly quantity: Decimal;
  readonly contractValue: Decimal;
}

/**
 * Cross-day netting (guide, section 4): one position per instrument, over all trade and settlement dates, in the order of
 * codes. A position that nets to zero stays (mock convention).
 * @throws MarginInputError for an instrument in two currencies, such as a stock converted into one of another risk currency
 */
export function netAcrossDays(lines: readonly Line[]): NetPosition[] {
  return [...Map.groupBy(lines, ({ instrument }) => instrument)]
    .map(([instrument, rows]) => ({
      instrument,
      currency: onlyCurrency(instrument, rows),
      quantity: sum(rows.map(({ quantity }) => quantity)),
      contractValue: sum(rows.map(({ amount }) => amount)),
    }))
    .sort((a, b) => compareCodes(a.instrument, b.instrument));
}

function onlyCurrency(instrument: string, lines: readonly Line[]): Currency {
  const currencies = new Set(lines.map(({ currency }) => currency));
  const [currency] = currencies;
  if (currency !== undefined && currencies.size === 1) return currency;
  throw new MarginInputError(
    inputProblem(`lines, ${instrument}`, [...currencies].join(', '), { en: 'one risk currency', zh: '單一風險貨幣' }),
  );
}
