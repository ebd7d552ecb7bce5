import type { Benchmark } from './benchmark.ts';
import { work } from './serving.ts';

const how = (name: string, way: string) => work(name, 'servers/margin.ts', { way });

const benchmark: Benchmark = {
  what: 'margin of 1,000 positions, 800 with scenarios, on 3,000 instruments x (1,000 + 1,018) scenarios; the others take the tails only',
  figures: {
    margin: {
      unit: 'ms',
      targets: [{ atMost: 100 }, { of: 'doubles, unrounded', atMost: 5 }, { of: 'big.js, term by term', atMost: 0.1 }],
    },
  },
  floor: how('doubles, unrounded', 'doubles'),
  peers: [how('big.js, term by term', 'big')],
  us: how('us', 'us'),
};

export default benchmark;
