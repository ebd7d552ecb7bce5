import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateImrpf } from '../src/domain/imrpf/generated-imrpf.ts';
import { imrpfUniverse } from '../src/domain/imrpf/imrpf-universe.ts';
import { createRandom } from '../src/testbed/random.ts';
import { writeImrpf } from '../src/wire/imrpf/imrpf.ts';
import type { Benchmark, Subject } from './benchmark.ts';
import { work } from './serving.ts';

/** The file, made when the first subject starts and taken away when the last one has stopped. */
let file: { readonly path: string; users: number } | null = null;

function used(): string {
  if (file === null) {
    const random = createRandom(7);
    const universe = imrpfUniverse(3000, random.stream('imrpf universe'));
    const imrpf = generateImrpf(
      { valuationDate: '2021-07-23', holidays: new Set(), ...universe },
      random.stream('imrpf'),
    );
    file = { path: join(mkdtempSync(join(tmpdir(), 'bench-imrpf-')), 'RPF01.csv'), users: 0 };
    writeFileSync(file.path, [...writeImrpf(imrpf)].join(''), 'latin1');
  }
  file.users += 1;
  return file.path;
}

function way(name: string, by: string): Subject {
  return {
    name,
    async start() {
      const path = used();
      const running = await work(name, 'servers/imrpf-load.ts', { by, path }).start();
      if (typeof running === 'string') return running;
      return {
        measure: running.measure,
        async stop() {
          await running.stop();
          if (file === null || --file.users > 0) return;
          rmSync(join(file.path, '..'), { recursive: true });
          file = null;
        },
      };
    },
  };
}

const FLOOR = 'lines read and split';

const benchmark: Benchmark = {
  what: 'loading a risk parameter file of 3,000 instruments x (1,000 + 1,018) scenarios to exact numbers; the floor only splits its cells',
  figures: {
    load: { unit: 'ms of CPU', targets: [{ of: FLOOR, atMost: 1.5 }] },
    wall: { unit: 'ms', targets: [{ of: FLOOR, atMost: 1.5 }] },
    memory: { unit: 'MB, peak of the process', targets: [] },
    file: { unit: 'MB', targets: [] },
  },
  floor: way(FLOOR, 'split'),
  peers: [way('csv-parse', 'csv-parse'), way('us, in a worker thread', 'worker')],
  us: way('us', 'us'),
};

export default benchmark;
