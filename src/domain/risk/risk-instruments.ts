import { addDays } from '../calendar/calendar.ts';
import type { ImrpfEntitlement, ImrpfInstrument, ImrpfSource } from '../imrpf/generated-imrpf.ts';
import { imrpfUniverse } from '../imrpf/imrpf-universe.ts';
import { normalCode } from '../instrument-codes.ts';
import type { Announcement, MarketDate, Stock } from '../nouns/market.ts';
import { heldOn, type RiskRules } from './risk-rules.ts';

/** Days after its ex-date for which positions of a corporate action may still be open. */
const ENTITLED_DAYS = 14;

export interface ImrpfMarket {
  readonly rules: RiskRules;
  readonly stocks: Iterable<Stock>;
  readonly announcements: Iterable<Announcement>;
  readonly holidays: ReadonlySet<MarketDate>;
  /** Generated instruments besides the market's, up to this total; null = none. */
  readonly generated: { readonly total: number; readonly chance: { next(): number } } | null;
}

/** The content of the risk parameter file of a day: every settlement counter of the market, by its tier. */
export function imrpfSource(market: ImrpfMarket, valuationDate: MarketDate): ImrpfSource {
  const { rules, holidays } = market;
  const stocks = [...market.stocks].sort((a, b) => (a.code < b.code ? -1 : 1));
  const counters = new Set(rules.securities.flatMap((one) => one.counters.map(({ code }) => code)));
  const settlement = new Set(rules.securities.map((one) => one.settlementCounter));
  const listed = stocks
    .filter(({ code }) => settlement.has(code) || !counters.has(code))
    .map((stock) => instrumentOf(rules, stock, valuationDate));
  const generated = market.generated ? generatedBesides(listed, stocks, market.generated) : [];
  return {
    valuationDate,
    holidays,
    instruments: [...listed, ...generated],
    entitlements: [...market.announcements]
      .filter((row) => row.announcedOn <= valuationDate && valuationDate < addDays(row.exDate, ENTITLED_DAYS))
      .sort((a, b) => (a.number < b.number ? -1 : 1))
      .flatMap(entitlementsOf),
  };
}

function instrumentOf(rules: RiskRules, { code, priceMilli }: Stock, date: MarketDate): ImrpfInstrument {
  const product = rules.structuredProducts.find(({ stock }) => stock === code);
  if (product) {
    const { underlying, delta, conversionRatio, priceThreshold, tenthOfTickMultiplier } = product;
    const addOn = { priceThreshold, tenthOfTickMultiplier };
    return { kind: 'structured', code, priceMilli, underlying, delta, conversionRatio, addOn };
  }
  const group = rules.flatRateGroups.find(({ stocks }) => stocks.includes(code));
  const rate = group && heldOn(group.rates, date)?.rate;
  if (rate !== undefined) return { kind: 'flat rate', code, priceMilli, rate };
  return { kind: rules.funds.includes(code) ? 'fund' : 'equity', code, priceMilli };
}

/** Generated instruments, so that the file is as large as the real one; none has a code of the market. */
function generatedBesides(
  listed: readonly ImrpfInstrument[],
  stocks: readonly Stock[],
  { total, chance }: NonNullable<ImrpfMarket['generated']>,
): readonly ImrpfInstrument[] {
  const taken = new Set(stocks.map(({ code }) => normalCode(code)));
  const free = imrpfUniverse(total, chance).instruments.filter(({ code }) => !taken.has(code));
  const shares = [...listed, ...free].filter(({ kind }) => kind === 'equity' || kind === 'fund');
  const underlyings = new Set(shares.map(({ code }) => normalCode(code)));
  return free
    .filter((one) => one.kind !== 'structured' || underlyings.has(normalCode(one.underlying)))
    .slice(0, Math.max(0, total - listed.length));
}

function entitlementsOf({ stock, cashDividend, stockDividend, rights }: Announcement): readonly ImrpfEntitlement[] {
  const code = normalCode(stock);
  return [
    ...(stockDividend ? [{ stock: code, type: 1 as const, price: stockDividend.price }] : []),
    ...(rights ? [{ stock: code, type: 2 as const, price: rights.price }] : []),
    // The guide says 1 and its sample has 0; the price is not used.
    ...(cashDividend === undefined ? [] : [{ stock: code, type: 3 as const, price: '0' }]),
  ];
}
