import type { Benchmark } from './benchmark.ts';
import { type HarnessServing, loggedOn } from './harness-client.ts';
import { mockttp, wiremock } from './peers.ts';
import { underLoad } from './serving.ts';

const LOAD = { connections: 16, count: 20_000 };

const benchmark: Benchmark = {
  what: 'requests over kept-alive TLS 1.2: a stock balance enquiry with session and journal; theirs a static JSON',
  figures: {
    rate: {
      unit: 'requests/s of CPU',
      targets: [
        { of: 'bare Fastify', atLeast: 0.7 },
        { of: 'mockttp', atLeast: 2.5 },
        { of: 'WireMock', atLeast: 4 },
      ],
    },
  },
  floor: underLoad('bare Fastify', 'servers/fastify.ts', {}, 'requests', async (_server, { url, ca }) => ({
    ...LOAD,
    url: `${url}/hello`,
    ca,
  })),
  peers: [mockttp(LOAD), wiremock(LOAD)],
  us: underLoad('us', 'servers/harness.ts', {}, 'requests', async (_server, ready) => ({
    ...LOAD,
    url: `${ready.url}/ccass/v1/stock-balances?stock=5&account=01`,
    ca: ready.ca,
    headers: await loggedOn(ready as HarnessServing),
  })),
};

export default benchmark;
