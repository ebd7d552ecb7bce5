import { sum } from '../exact.ts';
import { inputProblem, MarginInputError } from '../margin/margin-input-error.ts';
import type { Currency } from '../nouns/market.ts';
import type { Line } from './line-reading.ts';
import type { Rates } from './rates.ts';
import type { Securities } from './securities.ts';

/**
 * Merges lines of one trade date, settlement date and settlement counter, in the risk currency (guide, section 4): payable
 * amounts at rate x (1 + haircut), receivable ones at rate x (1 - haircut). Amounts in one currency are netted before they are
 * converted, as CNS nets the trades of one counter and day (mock convention): a sale that offsets a purchase costs no haircut.
 * @throws MarginInputError for lines in several currencies if no security has their risk currency
 */
export function mergeCounters(lines: readonly Line[], rates: Rates, securities: Securities): Line[] {
  const groups = Map.groupBy(lines, (line) => `${line.instrument} ${line.tradeDate} ${line.settlementDate}`);
  return [...groups.values()].map((group) => merged(group, rates, securities));
}

function merged(group: readonly Line[], rates: Rates, securities: Securities): Line {
  const [first] = group;
  if (!first) throw new Error('a group has no lines');
  const byCurrency = Map.groupBy(group, ({ currency }) => currency);
  const currency = securities.riskCurrencyOf(first.instrument) ?? onlyOne([...byCurrency.keys()], first.instrument);
  const amounts = [...byCurrency].map(([from, lines]) =>
    rates.inRiskCurrency(sum(lines.map(({ amount }) => amount)), from, currency),
  );
  return { ...first, currency, quantity: sum(group.map(({ quantity }) => quantity)), amount: sum(amounts) };
}

function onlyOne(currencies: readonly Currency[], instrument: string): Currency {
  const [currency, another] = currencies;
  if (currency !== undefined && another === undefined) return currency;
  throw new MarginInputError(
    inputProblem(`securities, ${instrument}`, null, {
      en: `its counters and risk currency, as it has lines in ${currencies.join(', ')}`,
      zh: `其櫃台及風險貨幣，因其持倉涉及 ${currencies.join(', ')}`,
    }),
  );
}
