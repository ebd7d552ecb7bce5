import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MARKET_TIME } from './batch-file.ts';
import type { Benchmark, Subject } from './benchmark.ts';
import { startChild } from './child.ts';
import { type HarnessServing, loggedOn } from './harness-client.ts';
import type { Serving } from './serving.ts';

const MIB = 1 << 20;
const SIZE = 256 * MIB;
const folder = mkdtempSync(join(tmpdir(), 'bench-download-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

/** One download at a time, each whole. */
function downloading(
  name: string,
  file: string,
  argument: unknown,
  prepare: (ask: (what: string, about: unknown) => Promise<string>, ready: Serving) => Promise<[string, object]>,
): Subject {
  return {
    name,
    async start() {
      const server = await startChild(file, argument);
      const generator = await startChild('load.ts', null);
      const ready = server.ready as Serving;
      const [path, headers] = await prepare((what, about) => server.ask<string>(what, about), ready);
      const load = { url: `${ready.url}${path}`, ca: ready.ca, headers, connections: 1, count: 1 };
      return {
        async measure() {
          const resident = await server.residentBytes();
          const before = await server.cpuMs();
          const sizeBytes = await generator.ask<number>('download', load);
          if (sizeBytes !== SIZE) throw new Error(`${sizeBytes} bytes came`);
          const after = await server.cpuMs();
          return {
            rate: SIZE / MIB / ((after - before) / 1000),
            grown: ((await server.residentBytes()) - resident) / 1e6,
          };
        },
        async stop() {
          await generator.stop();
          await server.stop();
        },
      };
    },
  };
}

const benchmark: Benchmark = {
  what: 'a report of 256 MiB over HTTPS; theirs a stream of the file over node:https',
  figures: {
    rate: { unit: 'MiB/s of CPU', targets: [{ of: 'node:https', atLeast: 0.8 }] },
    grown: { unit: 'MB a download', targets: [{ atMost: 20 }] },
  },
  floor: downloading('node:https', 'servers/https.ts', null, async (ask) => {
    const path = join(folder, 'file');
    writeFileSync(path, Buffer.alloc(SIZE, 'x'));
    await ask('serve', path);
    return ['/', {}];
  }),
  peers: [],
  us: downloading(
    'us',
    'servers/harness.ts',
    { at: MARKET_TIME, clock: 'frozen', data: join(folder, 'data') },
    async (ask, ready) => {
      const reference = await ask('publish', SIZE);
      return [`/ccass/v1/reports/${reference}`, await loggedOn(ready as HarnessServing)];
    },
  ),
};

export default benchmark;
