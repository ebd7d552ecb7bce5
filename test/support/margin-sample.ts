import { type Imrpf, RETURN_SCALE, type ScenarioTable } from '../../src/domain/imrpf/imrpf.ts';
import type { MarginablePosition, MarginParams } from '../../src/domain/margin/calculation.ts';

/** The sample of the Initial Margin Calculation Guide (v1.4, 2 and 3): facts of its tables, scenarios 1 to 5 of those printed. */

const HVAR: Readonly<Record<string, readonly string[]>> = {
  700: ['0.01391', '-0.01422', '0.006132', '0.006687', '0.013556'],
  1299: ['0.01125', '0.008827', '-0.00875', '-0.003115', '0.006901'],
  1876: ['0.011128', '-0.014789', '0.006009', '0.007356', '0.015725'],
  2823: ['0.011628', '-0.003311', '0.001658', '-0.009852', '-0.001639'],
  3690: ['0.012241', '-0.016268', '0.00661', '0.008092', '0.017298'],
  26883: ['0.136461', '-0.129264', '0.034216', '0.046343', '0.134202'],
  60954: ['-0.104288', '-0.083417', '0.0819', '0.029439', '-0.060245'],
};
const SVAR: Readonly<Record<string, readonly string[]>> = {
  700: ['0.041026', '0.092873', '-0.067737', '-0.030462', '-0.000031'],
  1299: ['0.037588', '0.048124', '-0.042722', '-0.042776', '-0.000008'],
  1876: ['0.040616', '0.076156', '-0.069769', '-0.038382', '-0.000035'],
  2823: ['0.026217', '0.043137', '-0.036832', '-0.031046', '0.000021'],
  3690: ['0.044678', '0.083772', '-0.076746', '-0.04222', '-0.000039'],
  26883: ['0.254769', '0.660324', '-0.53648', '-0.139819', '-0.000034'],
  60954: ['-0.321378', '-0.437447', '0.399873', '0.404237', '0.000022'],
};

export function scenarioTable(records: Readonly<Record<string, readonly string[]>>): ScenarioTable {
  const count = Math.max(0, ...Object.values(records).map((cells) => cells.length));
  const returns = Float64Array.from(
    Object.values(records).flatMap((cells) => cells.map((cell) => Math.round(Number(cell) * RETURN_SCALE))),
  );
  return { count, rows: new Map(Object.keys(records).map((code, row) => [code, row])), returns };
}

export function sampleImrpf(over: Partial<Imrpf> = {}): Imrpf {
  const hvar = scenarioTable(HVAR);
  const svar = scenarioTable(SVAR);
  const hedge = (bucketRate: string, beta: string, threshold: string, cashDelta: string) => ({
    ...{ bucketRate, beta, threshold, cashDelta },
  });
  return {
    parameters: {
      valuationDate: '2019-04-01',
      ...{ hvarWeight: '0.75', svarWeight: '0.25', hvarCount: hvar.count, svarCount: svar.count, stvCount: 200 },
      ...{ hvarConfidence: '0.994', svarConfidence: '0.98', rounding: 10_000, holidayFactor: '0.7320508075' },
    },
    hvar,
    svar,
    flatRates: new Map(Object.entries({ 658: '0.12', 3606: '0.12', 3456: '0.3', 3457: '0.55' })),
    betaHedges: new Map(
      Object.entries({
        700: hedge('0.0022', '0.9', '300000000', '400'),
        1299: hedge('0.0025', '1.1', '100000000', '80'),
        1876: hedge('0.002', '1.2', '200000000', '30'),
        2823: hedge('0.002', '1', '250000000', '30'),
        2800: hedge('0.002', '1', '250000000', '30'),
        3690: hedge('0.0022', '1.3', '300000000', '70'),
      }),
    ),
    deltas: new Map(
      Object.entries({
        26883: { underlying: '700', delta: '0.0446', conversionRatio: '100', cashDelta: '0.1784' },
        60954: { underlying: '1299', delta: '-0.789588', conversionRatio: '100', cashDelta: '-0.63167' },
      }),
    ),
    structured: new Map(Object.entries({ 26883: { priceThreshold: '0.02', tenthOfTickMultiplier: '0.5' } })),
    entitlements: new Map(
      Object.entries({
        '700/1': { price: '4', shortPercent: '-0.5', longPercent: '0.5' },
        '1299/3': { price: '0', shortPercent: '-1', longPercent: '0' },
        '3606/2': { price: '0.5', shortPercent: '0', longPercent: '0.5' },
      }),
    ),
    warnings: [],
    ...over,
  };
}

const line = (
  instrument: string,
  quantity: number,
  contractValue: number,
  marketValue: number,
): MarginablePosition => ({
  ...{ instrument, quantity, contractValue, marketValue },
});

export const SAMPLE_POSITIONS: readonly MarginablePosition[] = [
  line('658', -10_000_000, -62_000_000, -60_000_000),
  line('700', -1_000_000, -384_000_000, -400_000_000),
  line('1299', 1_000_000, 80_000_000, 80_000_000),
  line('1876', 100_000, 2_700_000, 3_000_000),
  line('2823', 1_000_000, 30_000_000, 30_000_000),
  line('3456', 10_000, 910_000, 750_000),
  line('3457', -50_000, -360_000, -300_000),
  line('3606', 1_000_000, 28_000_000, 30_000_000),
  line('3690', 100_000, 6_900_000, 7_000_000),
  line('26883', 110_000_000, 3_000_000, 2_000_000),
  line('DSP700', -1_000_000, 0, -4_000_000),
  line('DIV1299', 1_000_000, -1_000_000, 0),
  line('SRI3606', 2_000_000, 0, 1_000_000),
  line('60954', 120_000_000, 8_000_000, 10_000_000),
];

export const SAMPLE_PARAMS: MarginParams = {
  ...{ minimumMarginRate: 0.025, flatRateMultiplier: 2, ipoInstruments: ['1876', '3690'], applyHolidayAddOn: true },
  positionLimit: { liquidCapital: 75_000_000, multiplier: 4, cap: 280_000_000, addOnPercent: 0.25 },
  ...{ creditRiskAddOn: 12_000_000, adHocAddOn: 600_000 },
};
