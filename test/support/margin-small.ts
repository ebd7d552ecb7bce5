import type { Imrpf, ImrpfParameters } from '../../src/domain/imrpf/imrpf.ts';
import type { MarginablePosition, MarginParams, MarginResult } from '../../src/domain/margin/calculation.ts';
import { margin } from '../../src/domain/margin/margin.ts';
import { scenarioTable } from './margin-sample.ts';

type Records<T> = Readonly<Record<string, T>>;

/** An IMRPF of the records that a test is about; by default one scenario of ten is in the tail. */
export interface Small {
  readonly hvar?: Records<readonly string[]>;
  readonly svar?: Records<readonly string[]>;
  readonly flat?: Records<string>;
  /** [bucket rate, beta, threshold, cash delta] */
  readonly beta?: Records<readonly [string, string, string, string]>;
  /** [underlying, cash delta] */
  readonly delta?: Records<readonly [string, string]>;
  /** Tenths of a tick. */
  readonly structured?: Records<string>;
  /** [short %, long %], by `CODE/TYPE`. */
  readonly entitlements?: Records<readonly [string, string]>;
  readonly parameters?: Partial<ImrpfParameters>;
}

export function smallImrpf(small: Small): Imrpf {
  const mapped = <From, To>(records: Records<From> = {}, to: (from: From) => To) =>
    new Map(Object.entries(records).map(([code, from]) => [code, to(from)] as const));
  const [hvar, svar] = [scenarioTable(small.hvar ?? {}), scenarioTable(small.svar ?? {})];
  return {
    parameters: {
      valuationDate: '2025-10-27',
      ...{ hvarWeight: '0.75', svarWeight: '0.25', hvarCount: hvar.count, svarCount: svar.count, stvCount: 0 },
      ...{ hvarConfidence: '0.9', svarConfidence: '0.9', rounding: 10_000, holidayFactor: '0.7320508075' },
      ...small.parameters,
    },
    hvar,
    svar,
    flatRates: mapped(small.flat, (rate) => rate),
    betaHedges: mapped(small.beta, ([bucketRate, beta, threshold, cashDelta]) => ({
      ...{ bucketRate, beta, threshold, cashDelta },
    })),
    deltas: mapped(small.delta, ([underlying, cashDelta]) => ({
      ...{ underlying, delta: '1', conversionRatio: '1', cashDelta },
    })),
    structured: mapped(small.structured, (tenthOfTickMultiplier) => ({
      priceThreshold: '0.01',
      tenthOfTickMultiplier,
    })),
    entitlements: mapped(small.entitlements, ([shortPercent, longPercent]) => ({
      ...{ price: '1', shortPercent, longPercent },
    })),
    warnings: [],
  };
}

type Figures = Partial<Omit<MarginablePosition, 'instrument'>>;

/** Lines by instrument; what a test is not about is 0. */
export function lines(positions: Records<Figures>): MarginablePosition[] {
  return Object.entries(positions).map(([instrument, figures]) => ({
    ...{ instrument, quantity: 0, contractValue: 0, marketValue: 0 },
    ...figures,
  }));
}

/** The margin at a minimum rate of 0 and without credit, so that it shows the component under test. */
export function smallMargin(
  small: Small,
  positions: Records<Figures>,
  params: Partial<MarginParams> = {},
): MarginResult {
  return margin(smallImrpf(small), lines(positions), { minimumMarginRate: 0, marginCredit: 0, ...params });
}
