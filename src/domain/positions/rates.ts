import { type Decimal, decimal, quotient, roundOff, ZERO } from '../exact.ts';
import { MarginInputError } from '../margin/margin-input-error.ts';
import type { Currency } from '../nouns.ts';
import type { PositionInput } from './position-lines.ts';

/**
 * Exchange rates as margin uses them (guide, sections 4 and 4.7): HKD per unit, and a haircut that always goes against the
 * participant. HKD itself is 1 without haircut (mock convention).
 */
export class Rates {
  readonly #rates: NonNullable<PositionInput['rates']>;

  constructor(rates: PositionInput['rates'] = {}) {
    this.#rates = rates;
  }

  /** HKD, without haircut and unrounded. */
  hkd(value: Decimal, currency: Currency): Decimal {
    return value.times(this.#of(currency).rate);
  }

  /** An MTM in HKD, rounded to whole HKD: a loss at rate x (1 + haircut), a gain at rate x (1 - haircut). */
  mtmInHkd(mtm: Decimal, currency: Currency): Decimal {
    const { rate, haircut } = this.#of(currency);
    return roundOff(mtm.times(rate).times(mtm.lt(0) ? haircut.plus(1) : decimal(1).minus(haircut)));
  }

  /**
   * An amount in the risk currency of its security, to 2 decimals: what is payable grows by the haircut, what is receivable
   * shrinks. From HKD to another currency: divided by that currency's rate, with its haircut; nothing else converts into a risk
   * currency that is not HKD (mock conventions). An amount that is in the risk currency already is left as it is.
   */
  inRiskCurrency(value: Decimal, from: Currency, to: Currency): Decimal {
    if (from === to) return value;
    if (to !== 'HKD' && from !== 'HKD') {
      throw new MarginInputError([`lines: ${from} came for a security of risk currency ${to}, expected ${to} or HKD`]);
    }
    const { rate, haircut } = this.#of(to === 'HKD' ? from : to);
    const weighted = value.times(value.gt(0) ? haircut.plus(1) : decimal(1).minus(haircut));
    return to === 'HKD' ? weighted.times(rate).round(2) : quotient(weighted, rate, 2);
  }

  #of(currency: Currency): { readonly rate: Decimal; readonly haircut: Decimal } {
    if (currency === 'HKD') return { rate: decimal(1), haircut: ZERO };
    const given = this.#rates[currency];
    const path = `rates.${currency}`;
    if (!given) throw new MarginInputError([`${path}: nothing came, expected HKD for one ${currency} and its haircut`]);
    const [rate, haircut] = [readFigure(`${path}.rate`, given.rate), readFigure(`${path}.haircut`, given.haircut)];
    if (rate.lte(0)) throw new MarginInputError([`${path}.rate: ${rate.toFixed()} came, expected more than 0`]);
    if (haircut.lt(0) || haircut.gte(1)) {
      throw new MarginInputError([`${path}.haircut: ${haircut.toFixed()} came, expected a fraction from 0 to below 1`]);
    }
    return { rate, haircut };
  }
}

/** @throws MarginInputError, naming the field, if it is no decimal. */
export function readFigure(path: string, value: unknown): Decimal {
  const isNumber = typeof value === 'number' && Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER;
  if (isNumber) return decimal(value);
  const text = typeof value === 'string' ? value.trim() : '';
  if (/^[+-]?\d{1,40}(\.\d{1,40})?$/.test(text)) return decimal(text.replace('+', ''));
  const came = value === undefined || value === null ? 'nothing' : JSON.stringify(value);
  throw new MarginInputError([`${path}: ${came} came, expected a decimal, exact numbers beyond 2^53 as a text`]);
}
