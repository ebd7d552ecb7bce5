import { describe, expect, it } from 'vitest';
import type { StressResult, StressScenario, StressSet } from '../../../src/domain/risk/stress-test.ts';
import { stressSteps } from '../../../src/domain/risk/stress-test.ts';
import { SAMPLE_POSITIONS, sampleImrpf } from '../../support/margin-sample.ts';
import { lines, type Small, smallImrpf } from '../../support/margin-small.ts';

const set = (...scenarios: Omit<StressScenario, 'number' | 'name'>[]): StressSet => ({
  id: 'ZTEST',
  name: { en: 'Test', zh: '測試' },
  scenarios: scenarios.map((scenario, i) => ({ number: i + 1, name: { en: `${i + 1}`, zh: `${i + 1}` }, ...scenario })),
});

function run(imrpf: Small | null, positions: Parameters<typeof lines>[0] | null, scenarios: StressSet): StressResult {
  const steps = stressSteps(
    imrpf ? smallImrpf(imrpf) : sampleImrpf(),
    positions ? lines(positions) : SAMPLE_POSITIONS,
    scenarios,
  );
  for (let step = steps.next(); ; step = steps.next()) if (step.done) return step.value;
}
const only = (
  imrpf: Small,
  positions: Parameters<typeof lines>[0],
  scenario: Omit<StressScenario, 'number' | 'name'>,
) => run(imrpf, positions, set(scenario)).scenarios[0];

describe('a stress test', () => {
  it('moves each stock by its beta, or by 1 where it has none, and rounds each to whole HKD', () => {
    const beta = { 5: ['0', '1.5', '0', '0'] } as const;
    const positions = { 5: { quantity: 10, marketValue: 333 }, 6: { quantity: -10, marketValue: -1000 } };
    // 333 x 1.5 x -0.1 = -49.95, and -1000 x -0.1
    expect(only({ beta }, positions, { index: '-0.1' })).toMatchObject({
      profitAndLoss: -50 + 100,
      worst: [{ instrument: '5', move: '-0.15', profitAndLoss: -50 }],
    });
  });

  it('moves a stock that the scenario names by the given move, however the code is written', () => {
    const positions = { 5: { quantity: 1, marketValue: 1000 } };
    expect(only({}, positions, { index: '-0.1', instruments: { '00005': '0.2' } })?.profitAndLoss).toBe(200);
  });

  it('lets nothing fall by more than its value', () => {
    const beta = { 5: ['0', '3', '0', '0'] } as const;
    expect(only({ beta }, { 5: { quantity: 1, marketValue: 1000 } }, { index: '-0.5' })?.profitAndLoss).toBe(-1000);
  });

  it('moves a structured product with its underlying, at most by its value', () => {
    const delta = { 28000: ['5', '2'] } as const;
    const at = (quantity: number, marketValue: number, index: string) =>
      only({ delta }, { 28000: { quantity, marketValue } }, { index })?.profitAndLoss;
    expect(at(100, 50, '0.1')).toBe(20);
    expect(at(100, 50, '-0.1')).toBe(-20);
    expect(at(100, 50, '-0.9')).toBe(-50);
    // A short one gains as much at most, and what it may lose has no bound.
    expect(at(-100, -50, '-0.9')).toBe(50);
    expect(at(-100, -50, '0.9')).toBe(-180);
  });

  it('moves DSP and SRI lines with their stock, and a dividend not at all', () => {
    const positions = {
      DSP5: { quantity: 1, marketValue: 100 },
      SRI5: { quantity: 1, marketValue: 10 },
      DIV5: { quantity: 0, contractValue: -7, marketValue: 7 },
    };
    expect(only({}, positions, { index: '0', instruments: { 5: '-0.5' } })?.profitAndLoss).toBe(-55);
  });

  it('lists the worst scenario first, equal ones by number, and at most ten losers of each', () => {
    const many = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [i + 1, { quantity: 1, marketValue: i + 1 }]));
    const { scenarios } = run({}, many, set({ index: '0.1' }, { index: '-1' }, { index: '-1' }, { index: '-0.5' }));
    expect(scenarios.map(({ number }) => number)).toEqual([2, 3, 4, 1]);
    expect(scenarios[0]?.worst.map(({ profitAndLoss }) => profitAndLoss)).toEqual([
      -12, -11, -10, -9, -8, -7, -6, -5, -4, -3,
    ]);
  });

  it('scales with the positions, and an offsetting pair changes nothing', () => {
    const scenarios = set({ index: '-0.2' }, { index: '0.33' });
    const once = run(null, null, scenarios);
    expect(once.scenarios.every(({ profitAndLoss }) => profitAndLoss !== 0)).toBe(true);
    const pair = lines({ 5: { quantity: 7, contractValue: 70, marketValue: 77 } }).concat(
      lines({ '00005': { quantity: -7, contractValue: -70, marketValue: -77 } }),
    );
    const steps = stressSteps(sampleImrpf(), [...SAMPLE_POSITIONS, ...pair], scenarios);
    let step = steps.next();
    while (!step.done) step = steps.next();
    expect(step.value).toEqual(once);
  });
});
