import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { nextBusinessDay } from '../../../src/domain/calendar/calendar.ts';
import {
  generateImrpf,
  generateImrpfSteps,
  type ImrpfInstrument,
  type ImrpfSource,
} from '../../../src/domain/imrpf/generated-imrpf.ts';
import { holidayFactor } from '../../../src/domain/imrpf/holiday-factor.ts';
import { type Imrpf, RETURN_SCALE, type ScenarioTable } from '../../../src/domain/imrpf/imrpf.ts';
import { imrpfUniverse } from '../../../src/domain/imrpf/imrpf-universe.ts';
import { businessDayNumber } from '../../../src/domain/imrpf/market-model.ts';
import { margin } from '../../../src/domain/margin/margin.ts';
import { createRandom } from '../../../src/testbed/random.ts';
import { writeImrpf } from '../../../src/wire/imrpf/imrpf.ts';

const FRIDAY = '2021-07-23';
const NO_HOLIDAYS: ReadonlySet<string> = new Set();
const universe = (count: number, seed = 7) => imrpfUniverse(count, createRandom(seed).stream('universe'));
const generated = (over: Partial<ImrpfSource> = {}, seed = 7) =>
  generateImrpf(
    { valuationDate: FRIDAY, holidays: NO_HOLIDAYS, ...universe(60), ...over },
    createRandom(seed).stream('imrpf'),
  );
const rowOf = ({ count, rows, returns }: ScenarioTable, code: string): Float64Array => {
  const row = rows.get(code);
  if (row === undefined) throw new Error(`no row of ${code}`);
  return returns.subarray(row * count, (row + 1) * count);
};
const bytes = (imrpf: Imrpf) => [...writeImrpf(imrpf)].join('');

describe('a generated IMRPF', () => {
  it('has the parameters of the sample and every field type', () => {
    const imrpf = generated({}, 1);
    expect(imrpf.parameters).toEqual({
      valuationDate: FRIDAY,
      ...{ hvarWeight: '0.75', svarWeight: '0.25', hvarCount: 1000, svarCount: 1018, stvCount: 200 },
      ...{ hvarConfidence: '0.994', svarConfidence: '0.98', rounding: 10_000, holidayFactor: '0' },
    });
    expect([imrpf.hvar.rows.size, imrpf.svar.rows.size]).toEqual([57, 57]);
    expect(imrpf.hvar.returns.length).toBe(57_000);
    expect(imrpf.flatRates.size).toBe(3);
    expect([imrpf.betaHedges.size, imrpf.deltas.size]).toEqual([30, 27]);
    expect(imrpf.structured.size).toBeGreaterThan(0);
    expect(imrpf.entitlements.size).toBeGreaterThan(0);
  });

  // Fixed, so that a version of Node or of the harness that gives other bytes is detected.
  it('is the same to the byte for the same seed, on every machine', () => {
    const counts = { hvar: 50, svar: 40 };
    const text = bytes(generated({ counts }));
    expect(bytes(generated({ counts }))).toBe(text);
    expect(bytes(generated({ counts }, 8))).not.toBe(text);
    expect(createHash('sha256').update(text).digest('hex')).toBe(
      '093bcddfff773e5a97fa75830f824c7f72ea807dd301a900d5f8e4bb740371b1',
    );
  });

  it('follows to the next business day: stress stays, history moves by one scenario and takes the new volatility', () => {
    const today = generated();
    const monday = generated({ valuationDate: nextBusinessDay(FRIDAY, NO_HOLIDAYS) });
    expect(monday.svar).toEqual(today.svar);
    const [before, after] = [rowOf(today.hvar, '700'), rowOf(monday.hvar, '700')];
    const largest = before.indexOf(before.toSorted().at(-1) as number);
    const width = (after[largest + 1] as number) / (before[largest] as number);
    expect(width).toBeGreaterThan(0.97);
    expect(width).toBeLessThan(1.03);
    const strays = Array.from({ length: 999 }, (_, s) =>
      Math.abs((after[s + 1] as number) - width * (before[s] as number)),
    );
    expect(Math.max(...strays)).toBeLessThan(4e-6 * RETURN_SCALE);
  });

  it('moves by one scenario per business day, whatever holidays are between', () => {
    const holidays = new Set(['2022-02-01', '2022-02-02', '2022-02-03', '2022-05-01']);
    const day = (date: string) => businessDayNumber(date, holidays);
    expect(day('2022-02-04') - day('2022-01-31')).toBe(1);
    expect(day('2022-01-31') - day('2022-01-28')).toBe(1);
    expect(day('2022-05-03') - day('2022-04-29')).toBe(2);
    expect(day('2000-01-07')).toBe(5);
  });

  it('reports progress, instrument by instrument', () => {
    const source = { valuationDate: FRIDAY, holidays: NO_HOLIDAYS, ...universe(20), counts: { hvar: 5, svar: 5 } };
    const steps = [...generateImrpfSteps(source, createRandom(7).stream('imrpf'))];
    expect(steps.map(({ done }) => done)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
  });

  it('refuses a source that cannot make a file', () => {
    const equity: ImrpfInstrument = { code: '00700', kind: 'equity', priceMilli: 400_000 };
    const call = { code: '26883', kind: 'structured', delta: '0.5', conversionRatio: '100', priceMilli: 20 } as const;
    expect(() => generated({ instruments: [equity, { ...equity, code: '700' }] })).toThrow(/700 is listed twice/);
    expect(() => generated({ instruments: [{ ...call, underlying: '00700' }] })).toThrow(/26883 is on 00700/);
    expect(generated({ instruments: [{ ...call, underlying: '700' }, equity] }).deltas.get('26883')).toEqual({
      ...{ underlying: '700', delta: '0.5', conversionRatio: '100', cashDelta: '2' },
    });
  });
});

describe('its structured products', () => {
  const call = (over: object): ImrpfInstrument => ({
    ...{
      code: '26883',
      kind: 'structured',
      underlying: '700',
      delta: '0.0446',
      conversionRatio: '100',
      priceMilli: 18,
    },
    ...{ addOn: { priceThreshold: '0.02', tenthOfTickMultiplier: '0.5' } },
    ...over,
  });
  const share: ImrpfInstrument = { code: '700', kind: 'equity', priceMilli: 400_000 };

  it('follow their underlying by delta and leverage, calls with it and puts against it', () => {
    const put = call({ code: '60954', delta: '-0.789588', priceMilli: 2000 });
    const imrpf = generated({ instruments: [share, call({}), put] });
    expect(imrpf.deltas.get('26883')?.cashDelta).toBe('0.1784');
    expect(imrpf.deltas.get('60954')?.cashDelta).toBe('-3.158352');
    const own = rowOf(imrpf.hvar, '700');
    for (const [code, times] of [
      ['26883', 178.4 / 18],
      ['60954', -3158.352 / 2000],
    ] as const) {
      const row = rowOf(imrpf.hvar, code);
      const expected = own.map((one) => {
        const linear = times * (one / RETURN_SCALE);
        return linear < -1.2 ? -0.99 : Math.max(-0.99, linear + 0.15 * linear * linear);
      });
      const strays = expected.map((one, s) => Math.abs(one - (row[s] as number) / RETURN_SCALE));
      expect(Math.max(...strays)).toBeLessThan(1e-6);
    }
  });

  it('have a FieldType 6 record if they are cheap', () => {
    const imrpf = generated({
      instruments: [share, call({ priceMilli: 20 }), call({ code: '26884', priceMilli: 21 })],
    });
    expect([...imrpf.structured.keys()]).toEqual(['26883']);
  });
});

describe('margins on it are realistic:', () => {
  const imrpf = generated({ ...universe(120) });
  const shares = [...imrpf.betaHedges.keys()].filter((code) => code !== '2800');
  /** Portfolio margin of so many HKD of each, as a part of the whole. */
  const part = (codes: readonly string[]) => {
    const value = 1_000_000_000;
    const positions = codes.map((instrument) => ({
      instrument,
      quantity: 1,
      contractValue: value,
      marketValue: value,
    }));
    return margin(imrpf, positions, { minimumMarginRate: '0' }).portfolioMargin.amount / (value * codes.length);
  };

  it('3 to 5 per cent of the market', () => {
    expect(part(['2800'])).toBeGreaterThan(0.03);
    expect(part(['2800'])).toBeLessThan(0.05);
  });

  it('5 to 16 per cent of a share, and less of all of them together', () => {
    const alone = shares.map((code) => part([code]));
    expect(Math.min(...alone)).toBeGreaterThan(0.05);
    expect(Math.max(...alone)).toBeLessThan(0.16);
    expect(part(shares)).toBeGreaterThan(0.03);
    expect(part(shares)).toBeLessThan(Math.min(0.06, ...alone));
  });

  it('stress is wider than history, and tails are fatter than normal', () => {
    const mean = (row: Float64Array, power: number) =>
      row.reduce((sum, one) => sum + (one / RETURN_SCALE) ** power, 0) / row.length;
    const [hvar, svar] = [rowOf(imrpf.hvar, '2800'), rowOf(imrpf.svar, '2800')];
    expect(mean(svar, 2) / mean(hvar, 2)).toBeGreaterThan(2);
    expect(mean(hvar, 4) / mean(hvar, 2) ** 2).toBeGreaterThan(4);
  });
});

it.each([
  ['no holiday', '2022-02-04', '0'],
  ['a weekend', '2022-01-28', '0'],
  ['one holiday', '2022-06-02', '0'],
  ['three around a weekend', '2021-04-01', '0.7320508075'],
  ['three at Lunar New Year', '2022-01-31', '0.7320508075'],
  ['two', '2024-09-30', '0.4142135623'],
])('the holiday factor before %s', (_, date, factor) => {
  const holidays = new Set([
    '2022-02-01',
    '2022-02-02',
    '2022-02-03',
    '2022-06-03',
    '2021-04-02',
    '2021-04-03',
    '2021-04-05',
    '2021-04-06',
    '2024-10-01',
    '2024-10-02',
  ]);
  expect(holidayFactor(date, holidays)).toBe(factor);
});
