import type { Benchmark } from './benchmark.ts';
import { startChild } from './child.ts';
import { work } from './serving.ts';

const benchmark: Benchmark = {
  what: 'startHarness() once more in a process that has started one: both centres, their doors, the line',
  figures: { ms: { unit: 'ms', targets: [{ of: 'the first of a process', atMost: 0.2 }] } },
  floor: {
    name: 'the first of a process',
    start: async () => ({
      async measure() {
        const child = await startChild('servers/starts.ts', null);
        const took = await child.ask<{ ms: number }>('measure');
        await child.stop();
        return took;
      },
      stop: async () => undefined,
    }),
  },
  peers: [],
  us: work('us', 'servers/starts.ts', null),
};

export default benchmark;
