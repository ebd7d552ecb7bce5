import type { Benchmark } from './benchmark.ts';
import { type HarnessServing, loggedOn } from './harness-client.ts';
import { underLoad } from './serving.ts';

const by = (name: string, door: 'line' | 'primary') =>
  underLoad(name, 'servers/harness.ts', {}, 'requests', async (_server, ready) => {
    const serving = ready as HarnessServing;
    return {
      connections: 16,
      count: 4_000,
      url: `${serving.addresses[door]}/ccass/v1/stock-balances?stock=5&account=01`,
      ca: serving.ca,
      headers: await loggedOn(serving),
    };
  });

const benchmark: Benchmark = {
  what: 'the same enquiry through the line and at the centre itself, over kept-alive connections',
  figures: { rate: { unit: 'requests/s of CPU', targets: [{ of: 'direct', atLeast: 0.95 }] } },
  floor: by('direct', 'primary'),
  peers: [],
  us: by('us', 'line'),
};

export default benchmark;
