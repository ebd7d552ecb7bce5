import Big from 'big.js';
import { entitlementKey, normalCode } from '../instrument-codes.ts';
import type { MarketDate } from '../nouns/market.ts';
import { holidayFactor } from './holiday-factor.ts';
import type { BetaHedge, DeltaInfo, EntitlementMargin, Imrpf, ScenarioTable, StructuredAddOn } from './imrpf.ts';
import { RETURN_SCALE } from './imrpf.ts';
import { marketModel, type Share } from './market-model.ts';

/** An instrument of a generated file. Codes in any form; prices in thousandths of a HKD. */
export type ImrpfInstrument = TierPInstrument | TierNInstrument | StructuredInstrument;

interface Priced {
  readonly code: string;
  readonly priceMilli: number;
}

/** Margined by its scenarios: FieldType 1, 2 and 4. A fund moves as the market does, as 2800. */
export interface TierPInstrument extends Priced {
  readonly kind: 'equity' | 'fund';
}

/** Margined at a flat rate: FieldType 3. */
export interface TierNInstrument extends Priced {
  readonly kind: 'flat rate';
  /** 0.12, 0.3 or 0.55. */
  readonly rate: string;
}

/** Warrants and callable bull/bear contracts on an instrument of Tier P: FieldType 1, 2, 5 and, where cheap, 6. */
export interface StructuredInstrument extends Priced {
  readonly kind: 'structured';
  readonly underlying: string;
  /** Below 0 for a put or a bear contract. */
  readonly delta: string;
  readonly conversionRatio: string;
  /** FieldType 6, if the price is not above the threshold. */
  readonly addOn?: StructuredAddOn;
}

/** FieldType 7, for a corporate action of a stock. */
export interface ImrpfEntitlement {
  readonly stock: string;
  /** 1 distribution in specie (DSP), 2 rights (SRI), 3 cash dividend (DIV). */
  readonly type: 1 | 2 | 3;
  readonly price: string;
}

export interface ImrpfSource {
  readonly valuationDate: MarketDate;
  readonly holidays: ReadonlySet<MarketDate>;
  readonly instruments: readonly ImrpfInstrument[];
  readonly entitlements?: readonly ImrpfEntitlement[];
  /** Scenarios; 1,000 and 1,018 as in the guide's sample. */
  readonly counts?: { readonly hvar: number; readonly svar: number };
}

/** Those of the guide's sample (s.2). */
const SAMPLE_COUNTS = { hvar: 1000, svar: 1018 };
const SAMPLE_PARAMETERS = {
  ...{ hvarWeight: '0.75', svarWeight: '0.25', stvCount: 200 },
  ...{ hvarConfidence: '0.994', svarConfidence: '0.98', rounding: 10_000 },
};
/** Short and long add-on of each entitlement type, as in the guide's sample. */
const ADD_ON: Readonly<Record<1 | 2 | 3, readonly [short: string, long: string]>> = {
  1: ['-0.5', '0.5'],
  2: ['0', '0.5'],
  3: ['-1', '0'],
};
const PER_MILLIONTH = RETURN_SCALE / 1_000_000;
const WORTHLESS = -990_000;
const MAX_LEVERAGE = 25;

/**
 * A risk parameter file with generated figures (market-model.ts moves them; the layout is the guide's). Takes two draws of
 * `chance`: the same seed gives the same bytes, and consecutive files for consecutive business days.
 * @throws RangeError for a structured product whose underlying is not an equity or fund of the list
 */
export function generateImrpf(source: ImrpfSource, chance: { next(): number }): Imrpf {
  const steps = generateImrpfSteps(source, chance);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** Like `generateImrpf`, but yields after each instrument, so that the caller can report progress or run other work. */
export function* generateImrpfSteps(
  { valuationDate, holidays, instruments, entitlements = [], counts = SAMPLE_COUNTS }: ImrpfSource,
  chance: { next(): number },
): Generator<{ readonly done: number; readonly total: number }, Imrpf> {
  const model = marketModel(valuationDate, holidays, counts, chance);
  const inOrder = distinct(instruments);
  const risky = inOrder.filter(({ kind }) => kind !== 'flat rate');
  const tables = [emptyTable(counts.hvar, risky.length), emptyTable(counts.svar, risky.length)] as const;
  const flatRates = new Map<string, string>();
  const betaHedges = new Map<string, BetaHedge>();
  const deltas = new Map<string, DeltaInfo>();
  const structured = new Map<string, StructuredAddOn>();
  const shares = new Map<string, TierPInstrument>();
  let done = 0;

  for (const one of inOrder) {
    if (one.kind === 'structured') continue;
    if (one.kind === 'flat rate') flatRates.set(one.code, one.rate);
    else {
      const share = model.share(one.code, one.kind);
      shares.set(one.code, one);
      betaHedges.set(one.code, hedgeOf(one, share));
      addRows(tables, one.code, share.returns);
    }
    yield { done: ++done, total: inOrder.length };
  }
  for (const one of inOrder) {
    if (one.kind !== 'structured') continue;
    const underlying = shares.get(normalCode(one.underlying));
    if (!underlying)
      throw new RangeError(`${one.code} is on ${one.underlying}, which is not an equity or fund of the list`);
    const delta = deltaOf(one, underlying);
    deltas.set(one.code, delta);
    addRows(tables, one.code, leveraged(rowsOf(tables, underlying.code), leverage(delta, one)));
    if (one.addOn && new Big(hkd(one.priceMilli)).lte(one.addOn.priceThreshold)) structured.set(one.code, one.addOn);
    yield { done: ++done, total: inOrder.length };
  }

  const margins = new Map<string, EntitlementMargin>();
  for (const { stock, type, price } of entitlements) {
    const [shortPercent, longPercent] = ADD_ON[type];
    margins.set(entitlementKey({ stock: normalCode(stock), type }), { price, shortPercent, longPercent });
  }
  return {
    parameters: {
      ...SAMPLE_PARAMETERS,
      ...{ valuationDate, hvarCount: counts.hvar, svarCount: counts.svar },
      holidayFactor: holidayFactor(valuationDate, holidays),
    },
    ...{
      hvar: tables[0],
      svar: tables[1],
      flatRates,
      betaHedges,
      deltas,
      structured,
      entitlements: margins,
      warnings: [],
    },
  };
}

interface GrowingTable extends ScenarioTable {
  readonly rows: Map<string, number>;
}

function emptyTable(count: number, rows: number): GrowingTable {
  return { count, rows: new Map(), returns: new Float64Array(count * rows) };
}

/** The returns of all scenarios, in millionths, become the next row of each table. */
function addRows(tables: readonly GrowingTable[], code: string, millionths: Float64Array): void {
  let from = 0;
  for (const { count, rows, returns } of tables) {
    const row = rows.size;
    rows.set(code, row);
    for (let s = 0; s < count; s++) returns[row * count + s] = (millionths[from + s] as number) * PER_MILLIONTH;
    from += count;
  }
}

/** The row of an instrument in each table, in millionths. */
function rowsOf(tables: readonly GrowingTable[], code: string): Float64Array {
  const rows = tables.map(({ count, rows, returns }) => {
    const from = (rows.get(code) ?? 0) * count;
    return returns.subarray(from, from + count);
  });
  return Float64Array.from(
    rows.flatMap((row) => [...row]),
    (scaled) => scaled / PER_MILLIONTH,
  );
}

/** With their codes in normal form. @throws RangeError for a duplicate. */
function distinct(instruments: readonly ImrpfInstrument[]): ImrpfInstrument[] {
  const seen = new Set<string>();
  return instruments.map((one) => {
    const code = normalCode(one.code);
    if (seen.has(code)) throw new RangeError(`instrument ${code} is listed twice`);
    seen.add(code);
    return { ...one, code };
  });
}

function hedgeOf({ code, priceMilli, kind }: TierPInstrument, { beta }: Share): BetaHedge {
  // Portfolios are hedged with the fund of the whole market; the more volatile a share, the more it costs to sell.
  const fund = kind === 'fund';
  const tenThousandths = fund ? 20 : 20 + Math.round(10 * Math.max(0, beta - 0.9));
  const threshold = fund ? 250_000_000 : 100_000_000 + 50_000_000 * (digits(code) % 5);
  return {
    bucketRate: new Big(tenThousandths).div(10_000).toFixed(),
    beta: String(beta),
    threshold: String(threshold),
    cashDelta: hkd(priceMilli),
  };
}

function deltaOf({ delta, conversionRatio }: StructuredInstrument, { code, priceMilli }: Priced): DeltaInfo {
  const cashDelta = new Big(delta).times(hkd(priceMilli)).div(conversionRatio).round(10, Big.roundHalfUp);
  return { underlying: code, delta, conversionRatio, cashDelta: cashDelta.toFixed() };
}

/** The ratio of a product's move to its underlying's; below 0 if they are opposite. */
function leverage({ cashDelta }: DeltaInfo, { priceMilli }: Priced): number {
  const times = (Number(cashDelta) * 1000) / priceMilli;
  return Math.max(-MAX_LEVERAGE, Math.min(MAX_LEVERAGE, times));
}

/** A product gains a little more than its leverage implies, loses a little less, and cannot lose more than its price. */
function leveraged(returns: Float64Array, times: number): Float64Array {
  return returns.map((one) => {
    const linear = times * one;
    const bent = linear < -1_200_000 ? WORTHLESS : linear + (0.15 * linear * linear) / 1_000_000;
    return Math.max(WORTHLESS, Math.round(bent) + 0);
  });
}

function digits(code: string): number {
  return Number(code.replace(/\D/g, '')) || 0;
}

/** Thousandths of a HKD as a decimal text. */
function hkd(priceMilli: number): string {
  return new Big(priceMilli).div(1000).toFixed();
}
