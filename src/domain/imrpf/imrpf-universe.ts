import type { ImrpfEntitlement, ImrpfInstrument } from './generated-imrpf.ts';

export interface ImrpfUniverse {
  readonly instruments: readonly ImrpfInstrument[];
  readonly entitlements: readonly ImrpfEntitlement[];
}

/** Codes of the guide's sample, which users look for first. */
const KNOWN = ['2800', '700', '1299', '5', '388', '1876', '3690'];
/** First codes of shares, warrants and bull/bear contracts (mock convention, following the ranges in use). */
const FIRST_CODE = { share: 1, warrant: 13_000, contract: 50_000 };
const HEDGING = '2800';
/** Of a hundred instruments: 50 shares, 5 at a flat rate, 45 structured products. */
const FLAT_RATE = 0.05;
const STRUCTURED = 0.45;
const FLAT_RATES = ['0.12', '0.12', '0.12', '0.12', '0.12', '0.12', '0.12', '0.3', '0.55'];
const RATIOS = [1, 10, 100, 1000];

/**
 * `count` instruments (3,000 in a full-size risk parameter file), generated from a random stream: 2800 first, further shares,
 * flat-rate shares, then warrants and bull/bear contracts on the shares, and an entitlement for every hundredth share.
 */
export function imrpfUniverse(count: number, chance: { next(): number }): ImrpfUniverse {
  const structured = Math.floor(count * STRUCTURED);
  const flat = Math.floor(count * FLAT_RATE);
  const codes = shareCodes(count - structured);
  const listed = codes.map((code) => ({ code, priceMilli: price(chance.next()) }));
  const tierP = listed.slice(0, listed.length - flat);
  const tierN = listed.slice(listed.length - flat);
  const next = { warrant: FIRST_CODE.warrant, contract: FIRST_CODE.contract };
  const products = Array.from({ length: structured }, (_, n): ImrpfInstrument => {
    // Most products are on the few shares that are traded most.
    const draw = chance.next();
    const on = tierP[Math.floor(draw * draw * draw * tierP.length)] as (typeof tierP)[number];
    const kind = n % 2 === 0 ? 'warrant' : 'contract';
    return product(String(next[kind]++), on, kind, [chance.next(), chance.next(), chance.next(), chance.next()]);
  });
  return {
    instruments: [
      ...tierP.map((one): ImrpfInstrument => ({ ...one, kind: one.code === HEDGING ? 'fund' : 'equity' })),
      ...tierN.map(
        (one, n): ImrpfInstrument => ({
          ...one,
          kind: 'flat rate',
          rate: FLAT_RATES[n % FLAT_RATES.length] as string,
        }),
      ),
      ...products,
    ],
    entitlements: [...tierP, ...tierN]
      .filter((_, n) => n % 100 === 1)
      .map(({ code, priceMilli }, n): ImrpfEntitlement => {
        const type = ((n % 3) + 1) as 1 | 2 | 3;
        return { stock: code, type, price: type === 3 ? '0' : String(Math.ceil(priceMilli / 10) / 100) };
      }),
  };
}

function shareCodes(count: number): string[] {
  const codes = KNOWN.slice(0, count);
  for (let code = FIRST_CODE.share; codes.length < count; code++)
    if (!KNOWN.includes(String(code))) codes.push(String(code));
  return codes;
}

/** From 0.50 to 400 HKD, low prices more likely, in ticks of 0.05. */
function price(draw: number): number {
  return 500 + 50 * Math.floor(draw * draw * draw * 7_990);
}

/** A product that costs at least 0.01 HKD and moves three to ten times as much as its underlying. */
function product(
  code: string,
  { code: underlying, priceMilli }: { readonly code: string; readonly priceMilli: number },
  kind: 'warrant' | 'contract',
  [first, second, third, fourth]: readonly [number, number, number, number],
): ImrpfInstrument {
  const times = 3 + 7 * second;
  // A contract moves with its underlying, a warrant by a part of that. Cash delta = size x price / ratio = times x its price.
  const size = kind === 'contract' ? 1 : Math.round(50_000 + 850_000 * third) / 1e6;
  const target = 10 + 240 * first * first;
  const conversionRatio = RATIOS.find((ratio) => ratio >= (size * priceMilli) / (target * times)) ?? 1000;
  return {
    ...{ code, kind: 'structured', underlying, conversionRatio: String(conversionRatio) },
    delta: String(fourth < 0.6 ? size : -size),
    priceMilli: Math.max(10, Math.round((size * priceMilli) / (conversionRatio * times))),
    addOn: { priceThreshold: '0.02', tenthOfTickMultiplier: '0.5' },
  };
}
