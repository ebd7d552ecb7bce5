/** One risk parameter file, loaded again and again in one of four ways. */
import { createReadStream, statSync } from 'node:fs';
import { parse } from 'csv-parse';
import { loadImrpf } from '../../src/service/risk/imrpf-loading.ts';
import { readImrpf } from '../../src/wire/imrpf/imrpf.ts';
import { answering, argument } from '../answering.ts';

type Way = 'us' | 'worker' | 'split' | 'csv-parse';
const { path, by } = argument<{ readonly path: string; readonly by: Way }>();
const sizeBytes = statSync(path).size;
const CELLS = 5_000_000;
const MILLION = 1e6;

const chunks = () => createReadStream(path, { highWaterMark: 1 << 20 });

/** Each way gives how many cells or returns it came to. */
const WAYS: Readonly<Record<Way, () => Promise<number>>> = {
  us: async () => returnsOf(await readImrpf(chunks(), { sizeBytes })),
  worker: async () => returnsOf(await loadImrpf(chunks(), { sizeBytes })),
  async split() {
    let [rest, cells] = ['', 0];
    for await (const chunk of createReadStream(path, { encoding: 'latin1', highWaterMark: 1 << 20 })) {
      const lines = (rest + chunk).split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) cells += line.split(',').length;
    }
    return cells;
  },
  async 'csv-parse'() {
    let cells = 0;
    for await (const row of chunks().pipe(parse({ relax_column_count: true }))) cells += (row as string[]).length;
    return cells;
  },
};

function returnsOf({ hvar, svar }: Awaited<ReturnType<typeof readImrpf>>): number {
  return hvar.returns.length + svar.returns.length;
}

answering(null, {
  async measure() {
    const before = process.cpuUsage();
    const from = performance.now();
    const cells = await WAYS[by]();
    const wall = performance.now() - from;
    const { user, system } = process.cpuUsage(before);
    if (cells < CELLS) throw new Error(`only ${cells} cells came`);
    return {
      load: (user + system) / 1000,
      wall,
      memory: (process.resourceUsage().maxRSS * 1024) / MILLION,
      // The same for everybody: one line of the table is enough.
      ...(by === 'us' ? { file: sizeBytes / MILLION } : {}),
    };
  },
});
