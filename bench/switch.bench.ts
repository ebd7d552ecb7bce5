import { MARKET_TIME } from './batch-file.ts';
import type { Benchmark, Subject } from './benchmark.ts';
import { startChild } from './child.ts';
import { marketFolder } from './market-folder.ts';

const TIMES = 20;

function switching(name: string, instructions: number): Subject {
  return {
    name,
    async start() {
      const market = instructions > 0 ? { market: await marketFolder(instructions) } : {};
      const child = await startChild('servers/harness.ts', { at: MARKET_TIME, clock: 'frozen', ...market });
      return {
        async measure() {
          const ms = [];
          for (let n = 0; n < TIMES; n++) ms.push(await child.ask<number>('switchTo', n % 2 ? 'primary' : 'backup'));
          return { ms: ms.reduce((sum, one) => sum + one, 0) / TIMES };
        },
        stop: () => child.stop(),
      };
    },
  };
}

const benchmark: Benchmark = {
  what: 'a switch by drain, replication turned round and both books equal; the floor is the same with the small market',
  figures: { ms: { unit: 'ms', targets: [{ atMost: 5 }] } },
  floor: switching('no SIs', 0),
  peers: [],
  us: switching('us, 100,000 SIs', 100_000),
};

export default benchmark;
