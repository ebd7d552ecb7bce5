import { amount, type Decimal, larger, sum, ZERO } from '../exact.ts';
import type { Currency } from '../nouns/market.ts';
import { nearestWhole } from './never-ending.ts';
import type { MtmFigures } from './position-lines.ts';
import type { Rates } from './rates.ts';

/**
 * MTM of one position in its risk currency: market value - contract value, rounded to a whole unit per position (guide, section
 * 3.2.6.1; its 11:00 example rounds -37.5 US dollars to -38 before it converts). Negative = a loss.
 */
export function mtmOf(marketValue: Decimal, contractValue: Decimal): Decimal {
  return nearestWhole(marketValue.minus(contractValue));
}

/**
 * MTM of a participant (guide, section 4.7): positions are netted per currency, each currency is converted, a net loss at
 * rate x (1 + haircut), a net gain at rate x (1 - haircut), and rounded to whole HKD, and the currencies are added.
 *
 * The guide's appendix prints the same figures with the opposite sign, a loss as a positive number: its 2,000 is -2,000 here.
 */
export function mtmFigures(positions: readonly { currency: Currency; mtm: Decimal }[], rates: Rates): MtmFigures {
  const byCurrency = [...Map.groupBy(positions, ({ currency }) => currency)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([currency, rows]) => {
      const mtm = sum(rows.map((position) => position.mtm));
      return { currency, mtm, hkd: rates.mtmInHkd(mtm, currency) };
    });
  const total = sum(byCurrency.map(({ hkd }) => hkd));
  return {
    requirement: amount('mtmRequirement', larger(ZERO, ZERO.minus(total))),
    favourable: amount('favourableMtm', larger(ZERO, total)),
    byCurrency: byCurrency.map(({ currency, mtm, hkd }) => ({
      currency,
      mtm: amount(`${currency} MTM`, mtm),
      hkd: amount(`${currency} MTM, HKD`, hkd),
    })),
  };
}
