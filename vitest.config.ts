import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** Tests that replace a module need a module registry of their own. */
const REPLACING = ['test/store/blobs/file-blobs.test.ts'];

// The large cases run only under `npm run test:full`, which sets HARNESS_TEST_SIZE; the files are the same.
export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'threads',
    maxWorkers: 2,
    // Tests start some hundred processes of ours: each finds what the ones before it compiled.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules/.cache/compiled') },
    // `npm run coverage`. Counted is what the workers run: not our child processes, nor their threads. Files that nothing loads count
    // as nothing. The floors are what was there when they were set: whoever raises the figures may raise them.
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      reporter: [['text', { skipFull: true }], 'html'],
      thresholds: {
        'src/domain/**': { statements: 98, branches: 95, functions: 100, lines: 99 },
        'src/wire/**': { statements: 97, branches: 95, functions: 99, lines: 99 },
      },
    },
    projects: [
      {
        extends: true,
        // One registry a worker: the schemas that every harness compiles are compiled twice, not a hundred times.
        test: { name: 'harness', include: ['test/**/*.test.ts'], exclude: REPLACING, isolate: false },
      },
      { extends: true, test: { name: 'replacing', include: REPLACING } },
    ],
  },
});
