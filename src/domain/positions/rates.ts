import { type Decimal, decimal, quotient, roundOff, ZERO } from '../exact.ts';
import { inputProblem, MarginInputError } from '../margin/margin-input-error.ts';
import type { Currency } from '../nouns/market.ts';
import type { PositionInput } from './position-lines.ts';

/**
 * Exchange rates for margin (guide, sections 4 and 4.7): HKD per unit, and a haircut that is always to the participant's
 * disadvantage. HKD itself is 1 without haircut (mock convention).
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
   * Converts an amount into the risk currency of its security, to 2 decimals: the haircut increases payable and reduces
   * receivable amounts. From HKD to another currency: divided by that currency's rate, with its haircut; no other currency
   * converts into a risk currency that is not HKD (mock conventions). An amount already in the risk currency is unchanged.
   */
  inRiskCurrency(value: Decimal, from: Currency, to: Currency): Decimal {
    if (from === to) return value;
    if (to !== 'HKD' && from !== 'HKD') {
      throw new MarginInputError(
        inputProblem(
          'lines',
          { en: `${from} for a security with risk currency ${to}`, zh: `風險貨幣為 ${to} 的證券的 ${from} 持倉` },
          { en: `${to} or HKD`, zh: ` ${to} 或 HKD` },
        ),
      );
    }
    const { rate, haircut } = this.#of(to === 'HKD' ? from : to);
    const weighted = value.times(value.gt(0) ? haircut.plus(1) : decimal(1).minus(haircut));
    return to === 'HKD' ? weighted.times(rate).round(2) : quotient(weighted, rate, 2);
  }

  #of(currency: Currency): { readonly rate: Decimal; readonly haircut: Decimal } {
    if (currency === 'HKD') return { rate: decimal(1), haircut: ZERO };
    const given = this.#rates[currency];
    const path = `rates.${currency}`;
    if (!given) {
      throw new MarginInputError(
        inputProblem(path, null, {
          en: `HKD for one ${currency} and its haircut`,
          zh: `每 ${currency} 兌港元的匯率及其扣減率`,
        }),
      );
    }
    const [rate, haircut] = [readFigure(`${path}.rate`, given.rate), readFigure(`${path}.haircut`, given.haircut)];
    if (rate.lte(0))
      throw new MarginInputError(inputProblem(`${path}.rate`, rate.toFixed(), { en: 'more than 0', zh: '大於 0' }));
    if (haircut.lt(0) || haircut.gte(1)) {
      throw new MarginInputError(
        inputProblem(`${path}.haircut`, haircut.toFixed(), {
          en: 'a fraction from 0 to below 1',
          zh: '由 0 至小於 1 的小數',
        }),
      );
    }
    return { rate, haircut };
  }
}

/** @throws MarginInputError, naming the field, if it is not a decimal. */
export function readFigure(path: string, value: unknown): Decimal {
  const isNumber = typeof value === 'number' && Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER;
  if (isNumber) return decimal(value);
  const text = typeof value === 'string' ? value.trim() : '';
  if (/^[+-]?\d{1,40}(\.\d{1,40})?$/.test(text)) return decimal(text.replace('+', ''));
  throw new MarginInputError(
    inputProblem(path, value === undefined || value === null ? null : JSON.stringify(value), {
      en: 'a decimal; a number beyond 2^53 as a text, so that it is exact',
      zh: '小數，超過 2^53 的準確數字須為文字',
    }),
  );
}
