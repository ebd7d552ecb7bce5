import { MARKET_TIME } from './batch-file.ts';
import type { Benchmark } from './benchmark.ts';
import { startChild } from './child.ts';
import { marketFolder } from './market-folder.ts';
import { work } from './serving.ts';

const COUNT = 1_000_000;
let folder: Promise<string> | undefined;
const market = () => (folder ??= marketFolder(COUNT));

const benchmark: Benchmark = {
  what: 'a start with a market of 1,000,000 SIs: looked through, and put into the books of both centres',
  figures: {
    seconds: { unit: 's', targets: [{ atMost: 30 }] },
    cpu: { unit: 's of CPU', targets: [] },
    resident: { unit: 'MB', targets: [] },
  },
  floor: {
    name: 'JSON.parse of each line',
    start: async () => work('lines', 'servers/json-lines.ts', { folder: await market() }).start() as Promise<never>,
  },
  peers: [],
  us: {
    name: 'us',
    start: async () => {
      const options = { at: MARKET_TIME, clock: 'frozen', market: await market() };
      return {
        async measure() {
          const from = performance.now();
          const child = await startChild('servers/harness.ts', options);
          const seconds = (performance.now() - from) / 1000;
          const cpuMs = await child.cpuMs();
          const residentBytes = await child.residentBytes();
          await child.stop();
          return { seconds, cpu: cpuMs / 1000, resident: residentBytes / 1e6 };
        },
        stop: async () => undefined,
      };
    },
  },
};

export default benchmark;
