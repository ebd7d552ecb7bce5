import { expect, test } from 'vitest';
import { type Benchmark, measure, type Subject } from '../../bench/benchmark.ts';
import { table } from '../../bench/table.ts';
import { spread, verdicts } from '../../bench/verdict.ts';

/** A subject that gives these figures, one a round, and says when it is measured. */
function told(name: string, values: readonly number[], log: string[]): Subject {
  let round = 0;
  return {
    name,
    async start() {
      log.push(`${name} starts`);
      return {
        async measure() {
          log.push(name);
          return { ms: values[round++] ?? Number.NaN };
        },
        async stop() {
          log.push(`${name} stops`);
        },
      };
    },
  };
}

const absent: Subject = { name: 'absent', start: async () => 'not installed' };

test('subjects are measured in turn, the first round does not count, and ratios are those of each round', async () => {
  const log: string[] = [];
  const benchmark: Benchmark = {
    what: 'a test',
    figures: {
      ms: { unit: 'ms', targets: [{ of: 'floor', atMost: 2.5 }, { of: 'absent', atMost: 0.5 }, { atMost: 10 }] },
    },
    floor: told('floor', [1_000, 1, 10, 4], log),
    peers: [absent],
    us: told('us', [1_000, 3, 20, 8], log),
  };
  const measured = await measure(benchmark, 3, () => undefined);
  expect(log).toEqual([
    ...['floor starts', 'us starts'],
    ...['floor', 'us', 'floor', 'us', 'floor', 'us', 'floor', 'us'],
    ...['us stops', 'floor stops'],
  ]);

  const rows = verdicts(benchmark, measured);
  expect(
    rows.map(({ against, us, ratio, met, skipped }) => ({ against, us: us?.median, ratio, met, skipped })),
  ).toEqual([
    { against: null, us: 8, ratio: null, met: true, skipped: null },
    // 3/1, 20/10, 8/4: the median is 2, where that of the medians 8/4 happens to be too.
    { against: 'floor', us: 8, ratio: { median: 2, least: 2, most: 3 }, met: true, skipped: null },
    { against: 'absent', us: 8, ratio: null, met: null, skipped: 'not installed' },
  ]);
  const lines = table(rows.map((row) => ({ benchmark: 'test', ...row }))).split('\n');
  expect(lines[2]).toMatch(/^test +ms +ms +8 \(3 - 20\) +floor +4 \(1 - 10\) +2 \(2 - 3\) +<= 2.5 +met$/);
  expect(lines[3]).toContain('skipped: not installed');
});

test('a figure that misses its target is told as missed', () => {
  const figures = { rate: { unit: '/s', targets: [{ of: 'floor', atLeast: 0.9 }] } };
  const measured = [
    { name: 'floor', role: 'floor', skipped: null, figures: { rate: [100, 100, 100] } },
    { name: 'us', role: 'us', skipped: null, figures: { rate: [95, 80, 85] } },
  ] as const;
  expect(verdicts({ figures }, measured).map(({ met }) => met)).toEqual([false]);
});

test('the median of an even number is between the two in the middle; of none there is none', () => {
  expect(spread([4, 1, 3, 2])).toEqual({ median: 2.5, least: 1, most: 4 });
  expect(() => spread([])).toThrow(RangeError);
});
