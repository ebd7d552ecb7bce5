import { marketDate } from '../../domain/calendar/calendar.ts';
import { type Decimal, decimal } from '../../domain/exact.ts';
import { normalCode } from '../../domain/instrument-codes.ts';
import type { Currency } from '../../domain/nouns/market.ts';
import type { PositionInput } from '../../domain/positions/position-lines.ts';
import { snapshotInput } from '../../domain/risk/risk-snapshot.ts';
import type { Mark } from '../../domain/risk/simulated-positions.ts';
import type { Context } from '../context.ts';

/** The market at this moment, as a run would see it: securities, prices and rates. */
export interface MarketNow {
  /** Without positions. */
  readonly input: PositionInput;
  /** The currency in which an instrument's MTM nets: its security's, else its stock's own. */
  currencyOf(instrument: string): Currency;
  /** The counter that gives an instrument its price: the one that is traded in the risk currency. */
  counterOf(instrument: string): string;
  /** HKD for one unit of a currency, without haircut. */
  rateOf(currency: Currency): Decimal;
  /** The present value of an instrument; undefined = it has no price. */
  markOf(instrument: string): Mark | undefined;
}

export function marketNow({ store, clock, risk }: Pick<Context, 'store' | 'clock' | 'risk'>): MarketNow {
  const { books } = store;
  const at = clock.now();
  const facts = { rules: risk.rules, holidays: risk.days.holidays, duePositions: [], pledges: [] };
  const input = snapshotInput(
    { ...facts, announcements: books.all('announcement'), stocks: books.all('stock') },
    { case: 'EOD', date: marketDate(at), at },
  );
  const securities = new Map(input.securities?.map((row) => [normalCode(row.settlementCounter), row]));
  const currencyOf = (instrument: string): Currency =>
    securities.get(instrument)?.riskCurrency ?? books.get('stock', instrument.padStart(5, '0'))?.currency ?? 'HKD';
  const counterOf = (instrument: string) => {
    const security = securities.get(instrument);
    const counter = security?.counters.find(({ currency }) => currency === security.riskCurrency);
    return counter ? normalCode(counter.code) : instrument;
  };
  const rateOf = (currency: Currency) => decimal(currency === 'HKD' ? 1 : (input.rates?.[currency]?.rate ?? 1));
  return {
    input,
    currencyOf,
    counterOf,
    rateOf,
    markOf(instrument) {
      const price = input.prices[counterOf(instrument)];
      if (price === undefined) return undefined;
      return { value: decimal(price).times(rateOf(currencyOf(instrument))), quantity: decimal(1) };
    },
  };
}
