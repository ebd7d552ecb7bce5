import type { Benchmark } from './benchmark.ts';
import { startChild } from './child.ts';
import { type HarnessServing, loggedOn } from './harness-client.ts';
import type { Serving } from './serving.ts';

const WARM = 20_000;
const COUNT = 100_000;

const grows = (name: string, file: string, path: string, headersOf: (ready: Serving) => Promise<object>) => ({
  name,
  start: async () => ({
    async measure() {
      await using open = new AsyncDisposableStack();
      const server = await startChild(file, {});
      open.defer(() => server.stop());
      const generator = await startChild('load.ts', null);
      open.defer(() => generator.stop());
      const { url, ca } = server.ready as Serving;
      const headers = await headersOf(server.ready as Serving);
      const load = (count: number) =>
        generator.ask('requests', { url: `${url}${path}`, ca, headers, connections: 16, count });
      await load(WARM);
      const before = await server.residentBytes();
      await load(COUNT);
      const after = await server.residentBytes();
      return { grown: (after - before) / 1e6 };
    },
    stop: async () => undefined,
  }),
});

const benchmark: Benchmark = {
  what: 'resident memory that 100,000 enquiries leave behind, the journal on',
  figures: { grown: { unit: 'MB', targets: [{ atMost: 20 }] } },
  floor: grows('bare Fastify', 'servers/fastify.ts', '/hello', async () => ({})),
  peers: [],
  us: grows('us', 'servers/harness.ts', '/ccass/v1/stock-balances?stock=5&account=01', (ready) =>
    loggedOn(ready as HarnessServing),
  ),
};

export default benchmark;
