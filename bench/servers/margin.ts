/** One generated risk parameter file of full size and one portfolio on it, margined in one of three ways. */
import Big from 'big.js';
import { generateImrpf, type ImrpfInstrument } from '../../src/domain/imrpf/generated-imrpf.ts';
import { RETURN_SCALE, type ScenarioTable } from '../../src/domain/imrpf/imrpf.ts';
import type { MarginablePosition } from '../../src/domain/margin/calculation.ts';
import { margin } from '../../src/domain/margin/margin.ts';
import { createRandom } from '../../src/testbed/random.ts';
import { answering, argument } from '../answering.ts';

const { way } = argument<{ readonly way: 'us' | 'doubles' | 'big' }>();
const chance = createRandom(5).stream('bench');
const TAILS = { hvar: 6, svar: 21 };

const instruments = Array.from({ length: 3_000 }, (_, index): ImrpfInstrument => {
  const code = index === 0 ? '2800' : String(index < 2_200 ? index : 10_000 + index);
  const priceMilli = chance.integer(1_000, 400_000);
  if (index >= 2_200) {
    const underlying = String(chance.integer(1, 1_599));
    const addOn = { priceThreshold: '0.02', tenthOfTickMultiplier: '0.5' };
    return { kind: 'structured', code, priceMilli: 50, underlying, delta: '0.4', conversionRatio: '100', addOn };
  }
  return index < 1_600 ? { kind: 'equity', code, priceMilli } : { kind: 'flat rate', code, priceMilli, rate: '0.12' };
});
const imrpf = generateImrpf({ valuationDate: '2025-10-27', holidays: new Set(), instruments }, chance);
const positions = instruments
  .filter((_, index) => index % 3 === 0)
  .map(({ code, priceMilli }): MarginablePosition => {
    const quantity = chance.integer(-20_000, 20_000) * 100;
    const marketValue = Math.round((quantity * priceMilli) / 1_000);
    return { instrument: code, quantity, contractValue: marketValue - chance.integer(-50_000, 50_000), marketValue };
  });

function tailOf(table: ScenarioTable, size: number, term: (value: number, unit: number) => number): number {
  const totals = new Float64Array(table.count);
  for (const { instrument, marketValue } of positions) {
    const row = table.rows.get(instrument);
    if (row === undefined) continue;
    const from = row * table.count;
    for (let scenario = 0; scenario < table.count; scenario++) {
      totals[scenario] = (totals[scenario] ?? 0) + term(Number(marketValue), table.returns[from + scenario] ?? 0);
    }
  }
  return totals
    .sort()
    .subarray(0, size)
    .reduce((sum, one) => sum + one, 0);
}

const tails = (term: (value: number, unit: number) => number) =>
  tailOf(imrpf.hvar, TAILS.hvar, term) + tailOf(imrpf.svar, TAILS.svar, term);
const WAYS = {
  us: () =>
    margin(imrpf, positions, { minimumMarginRate: '0.032', ipoInstruments: ['1', '4', '7'] }).portfolioMargin.amount,
  doubles: () => tails((value, unit) => (value * unit) / RETURN_SCALE),
  big: () => tails((value, unit) => new Big(value).times(unit).times('1e-10').round(0, Big.roundHalfUp).toNumber()),
};

answering(null, {
  measure: () => {
    const from = performance.now();
    const result = WAYS[way]();
    if (result === 0) throw new Error('nothing was margined');
    return { margin: performance.now() - from };
  },
});
