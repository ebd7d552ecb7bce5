import type { Imrpf } from '../../domain/imrpf/imrpf.ts';
import type { MarginResult } from '../../domain/margin/calculation.ts';
import { type MarginProgress, marginSteps } from '../../domain/margin/margin.ts';
import { type StressResult, stressSteps } from '../../domain/risk/stress-test.ts';
import type { SimulatedPortfolio } from './simulated-portfolio.ts';
import type { SimulationSettings } from './simulation-request.ts';

/** The result of a simulation; null = its type does not include it. */
export interface SimulationFigures {
  readonly margin: MarginResult | null;
  readonly stress: StressResult | null;
}

/** Margin, stress test or both, step by step: records of the margin first, then scenarios of the stress test. */
export function* simulationSteps(
  imrpf: Imrpf,
  { type, stressSet }: Pick<SimulationSettings, 'type' | 'stressSet'>,
  { positions, params }: Pick<SimulatedPortfolio, 'positions' | 'params'>,
): Generator<MarginProgress, SimulationFigures> {
  const scenarios = stressSet?.scenarios.length ?? 0;
  let done = 0;
  let margin: MarginResult | null = null;
  if (type !== 'Stress Test') {
    const steps = marginSteps(imrpf, positions, params);
    for (let step = steps.next(); ; step = steps.next()) {
      if (step.done) {
        margin = step.value;
        break;
      }
      done = step.value.done;
      yield { done, total: step.value.total + scenarios };
    }
  }
  if (!stressSet) return { margin, stress: null };
  const total = done + scenarios;
  const steps = stressSteps(imrpf, positions, stressSet);
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done) return { margin, stress: step.value };
    yield { done: ++done, total };
  }
}
