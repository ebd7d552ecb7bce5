import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { threadId, type Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateImrpf } from '../../../src/domain/imrpf/generated-imrpf.ts';
import type { Imrpf } from '../../../src/domain/imrpf/imrpf.ts';
import { imrpfUniverse } from '../../../src/domain/imrpf/imrpf-universe.ts';
import { loadImrpf, workerBeside } from '../../../src/service/risk/imrpf-loading.ts';
import { createRandom } from '../../../src/testbed/random.ts';
import { readImrpf, writeImrpf } from '../../../src/wire/imrpf/imrpf.ts';
import { ImrpfFault } from '../../../src/wire/imrpf/imrpf-fault.ts';
import { imrpfText } from '../../support/imrpf-files.ts';

const INSTRUMENTS = process.env.HARNESS_TEST_SIZE === 'full' ? 3000 : 40;
let folder: string;
let path: string;
let imrpf: Imrpf;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'imrpf-'));
  path = join(folder, 'RPF01.csv');
  const random = createRandom(5);
  imrpf = generateImrpf(
    { valuationDate: '2021-07-23', holidays: new Set(), ...imrpfUniverse(INSTRUMENTS, random.stream('universe')) },
    random.stream('imrpf'),
  );
  await writeFile(path, writeImrpf(imrpf), 'latin1');
});
afterAll(() => rm(folder, { recursive: true }));

const chunksOf = (file: string, highWaterMark = 64 * 1024) => createReadStream(file, { highWaterMark });
/** The next worker that this process starts, and its number while it has one. */
const nextWorker = async () => {
  const [worker] = (await once(process, 'worker')) as [Worker];
  return { worker, number: worker.threadId };
};

/** To the bit; `toEqual` looks at six million numbers one by one. */
const bits = ({ returns }: Imrpf['hvar']) => Buffer.from(returns.buffer, returns.byteOffset, returns.byteLength);

describe(`an IMRPF of ${INSTRUMENTS} instruments`, () => {
  it('is read in another thread as it is in this one', async () => {
    const started = nextWorker();
    const { size } = await stat(path);
    const read: number[] = [];
    const loading = loadImrpf(chunksOf(path), { sizeBytes: size, onProgress: (bytes) => void read.push(bytes) });
    const { worker, number } = await started;
    expect(number).toBeGreaterThan(0);
    expect(number).not.toBe(threadId);
    const ended = once(worker, 'exit');
    const loaded = await loading;
    await ended;

    const here = await readImrpf(chunksOf(path));
    expect({ ...loaded, hvar: null, svar: null }).toEqual({ ...here, hvar: null, svar: null });
    for (const table of ['hvar', 'svar'] as const) {
      expect(loaded[table].rows).toEqual(here[table].rows);
      expect(bits(loaded[table]).equals(bits(here[table]))).toBe(true);
      expect(bits(loaded[table]).equals(bits(imrpf[table]))).toBe(true);
    }
    // Progress comes from the worker: every chunk once, to the last byte.
    expect(read.length).toBe(Math.ceil(size / (64 * 1024)));
    expect(read.at(-1)).toBe(size);
    expect(read).toEqual(read.toSorted((a, b) => a - b));
  });

  it('may be loaded several times at once', async () => {
    const files = await Promise.all([loadImrpf(chunksOf(path, 1 << 20)), loadImrpf(chunksOf(path, 1 << 20))]);
    for (const one of files) expect(bits(one.svar).equals(bits(imrpf.svar))).toBe(true);
  });
});

it('a fault of the file is the one that readImrpf finds, and ends the worker', async () => {
  const started = nextWorker();
  const file = [Buffer.from(imrpfText(['700,1,0,0,x']))];
  const loading = loadImrpf(file).catch((error: unknown) => error);
  const { worker } = await started;
  const ended = once(worker, 'exit');
  const here = await readImrpf(file).catch((error: unknown) => error);
  const fault = await loading;
  await ended;
  expect(fault).toBeInstanceOf(ImrpfFault);
  expect((fault as ImrpfFault).finding).toEqual((here as ImrpfFault).finding);
});

it('a source that fails fails the loading', async () => {
  await expect(loadImrpf(chunksOf(join(folder, 'nowhere.csv')))).rejects.toThrow(/ENOENT/);
});

it('can be aborted', async () => {
  const stop = new AbortController();
  const started = nextWorker();
  async function* endless() {
    for (;;) yield Buffer.from('\n'.repeat(1024));
  }
  const loading = loadImrpf(endless(), { signal: stop.signal, onProgress: () => stop.abort(new Error('given up')) });
  const { worker } = await started;
  const ended = once(worker, 'exit');
  await expect(loading).rejects.toThrow('given up');
  await ended;
  await expect(loadImrpf([], { signal: stop.signal })).rejects.toThrow('given up');
});

it('the worker is found beside its starter, in the sources and in dist/', () => {
  expect(workerBeside('file:///p/src/service/risk/imrpf-loading.ts').href).toBe(
    'file:///p/src/service/risk/imrpf-worker.ts',
  );
  expect(workerBeside('file:///p/dist/service/imrpf-loading.js?v=1').href).toBe(
    'file:///p/dist/service/imrpf-worker.js',
  );
});
