import { isMarketDate } from '../../domain/calendar/calendar.ts';
import type { ImrpfParameters } from '../../domain/imrpf/imrpf.ts';
import type { MarketDate, Words } from '../../domain/nouns/market.ts';
import { decimalOf, notBelowZero } from './imrpf-cells.ts';
import { EXPECTED } from './imrpf-fault.ts';

/** The parameter rows, in the order in which they are written. The measures are always 4. */
type Name = keyof ImrpfParameters | 'hvarMeasure' | 'svarMeasure';

interface Rule {
  readonly name: Name;
  /** As the guide writes it; read in any case. */
  readonly written: string;
  readonly expected: Words;
  /** The value, or undefined for an invalid text. */
  value(text: string): string | number | undefined;
}

/** More scenarios than any file has, so that a wrong number does not allocate too much memory. */
const MOST_SCENARIOS = 100_000;
const DATE = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/;

const whole = (text: string, least: number, most = Number.MAX_SAFE_INTEGER): number | undefined => {
  const number = Number(decimalOf(text) ?? Number.NaN);
  return Number.isSafeInteger(number) && number >= least && number <= most ? number : undefined;
};
const notNegative = (text: string) => notBelowZero(decimalOf(text)) ?? undefined;
const confidence = (text: string) => {
  const level = decimalOf(text);
  return level !== null && /^0(\.|$)/.test(level) ? level : undefined;
};

const rule = (name: Name, written: string, expected: Words, value: Rule['value']): Rule => ({
  name,
  written,
  expected,
  value,
});
const count = (text: string) => whole(text, 1, MOST_SCENARIOS);
const measure = (text: string) => whole(text, 4, 4);

export const PARAMETERS: readonly Rule[] = [
  rule('valuationDate', 'Valuation_DT', EXPECTED.date, (text) => dateOf(text) ?? undefined),
  rule('hvarWeight', 'HVaR_WGT', EXPECTED.notNegative, notNegative),
  rule('svarWeight', 'SVaR_WGT', EXPECTED.notNegative, notNegative),
  rule('hvarCount', 'HVaR_Scen_Count', EXPECTED.count, count),
  rule('svarCount', 'SVaR_Scen_Count', EXPECTED.count, count),
  rule('stvCount', 'STV_Count', EXPECTED.whole, (text) => whole(text, 0)),
  rule('hvarConfidence', 'HVaR_CL', EXPECTED.confidence, confidence),
  rule('svarConfidence', 'SVaR_CL', EXPECTED.confidence, confidence),
  rule('hvarMeasure', 'HVaR_Measure', EXPECTED.measure, measure),
  rule('svarMeasure', 'SVaR_Measure', EXPECTED.measure, measure),
  rule('rounding', 'Rounding', EXPECTED.positive, (text) => whole(text, 1)),
  rule('holidayFactor', 'Holiday_Factor', EXPECTED.notNegative, notNegative),
];

export type ParameterValues = Map<Name, string | number>;

/** The rule of a parameter row by its name, in any case. */
export function parameterRule(name: string): Rule | undefined {
  const lower = name.toLowerCase();
  return PARAMETERS.find(({ written }) => written.toLowerCase() === lower);
}

/** All values as the parameters; the caller has checked that none is missing. */
export function parametersOf(values: ParameterValues): ImrpfParameters {
  const { hvarMeasure: _hvar, svarMeasure: _svar, ...parameters } = Object.fromEntries(values) as Record<Name, never>;
  return parameters;
}

/** `1/4/2019` or `01/04/2019` as `2019-04-01`; null if there is no such day. */
export function dateOf(text: string): MarketDate | null {
  const [, day = '', month = '', year = ''] = DATE.exec(text) ?? [];
  const date = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  return isMarketDate(date) ? date : null;
}
