import type { Benchmark } from './benchmark.ts';
import { underLoad } from './serving.ts';

const LOAD = { connections: 8, count: 3_000 };

const benchmark: Benchmark = {
  what: 'full TLS 1.2 handshakes through the line, the ClientHello recorded',
  figures: { rate: { unit: 'handshakes/s of CPU', targets: [{ of: 'node:https', atLeast: 0.9 }] } },
  floor: underLoad('node:https', 'servers/https.ts', null, 'handshakes', async (_server, { url, ca }) => ({
    ...LOAD,
    url,
    ca,
  })),
  peers: [],
  us: underLoad('us', 'servers/harness.ts', {}, 'handshakes', async (_server, { url, ca }) => ({ ...LOAD, url, ca })),
};

export default benchmark;
