import { type Decimal, ZERO } from '../exact.ts';
import { normalCode } from '../instrument-codes.ts';
import { inputProblem, MarginInputError } from '../margin/margin-input-error.ts';
import type { Currency } from '../nouns/market.ts';
import type { PositionInput, Security } from './position-lines.ts';
import { readFigure } from './rates.ts';

/** The counters of each instrument, its risk currency and its price (guide, section 4). */
export class Securities {
  readonly #bySettlementCounter = new Map<string, Security>();
  readonly #instruments = new Map<string, string>();
  readonly #prices: ReadonlyMap<string, unknown>;

  /** @throws MarginInputError if a counter belongs to two securities. */
  constructor({ securities = [], prices }: Pick<PositionInput, 'securities' | 'prices'>) {
    for (const security of securities) {
      const instrument = normalCode(security.settlementCounter);
      this.#bySettlementCounter.set(instrument, security);
      for (const code of new Set([instrument, ...security.counters.map((counter) => normalCode(counter.code))])) {
        const other = this.#instruments.get(code);
        if (other !== undefined) {
          throw new MarginInputError(
            inputProblem(
              `securities, ${code}`,
              { en: `settlement counters ${other} and ${instrument}`, zh: `交收櫃台 ${other} 及 ${instrument}` },
              { en: 'one', zh: '其中一個' },
            ),
          );
        }
        this.#instruments.set(code, instrument);
      }
    }
    this.#prices = new Map(Object.entries(prices).map(([code, price]) => [normalCode(code), price]));
  }

  /** The settlement counter of a counter: itself, unless a security has another. */
  instrumentOf(counter: string): string {
    return this.#instruments.get(counter) ?? counter;
  }

  /** Null if it has no security: then the currency of its lines. */
  riskCurrencyOf(instrument: string): Currency | null {
    return this.#bySettlementCounter.get(instrument)?.riskCurrency ?? null;
  }

  /**
   * Quantity x price of the counter in the risk currency; an instrument without a security is its only counter.
   * @throws MarginInputError if there is a quantity and no price.
   */
  marketValue(instrument: string, quantity: Decimal): Decimal {
    if (quantity.eq(0)) return ZERO;
    const security = this.#bySettlementCounter.get(instrument);
    const counter = security ? this.#pricedCounter(instrument, security) : instrument;
    const price = this.#prices.get(counter);
    if (price === undefined) {
      throw new MarginInputError(
        inputProblem(`prices.${counter}`, null, {
          en: `its price, for a quantity of ${quantity.toFixed()}`,
          zh: `其 ${quantity.toFixed()} 股的價格`,
        }),
      );
    }
    return quantity.times(readFigure(`prices.${counter}`, price));
  }

  #pricedCounter(instrument: string, { riskCurrency, counters }: Security): string {
    const [counter] = counters.filter(({ currency }) => currency === riskCurrency);
    if (counter) return normalCode(counter.code);
    throw new MarginInputError(
      inputProblem(`securities, ${instrument}`, null, {
        en: `a counter in its risk currency ${riskCurrency}, for its price`,
        zh: `以其風險貨幣 ${riskCurrency} 買賣的櫃台，以取得價格`,
      }),
    );
  }
}
