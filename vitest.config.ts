import { defineConfig } from 'vitest/config';

// The large cases run only under `npm run test:full`, which sets HARNESS_TEST_SIZE; the files are the same.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    pool: 'threads',
    maxWorkers: 2,
  },
});
