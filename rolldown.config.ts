import { defineConfig } from 'rolldown';

/**
 * dist/ in a few files: Node resolves and reads every file by itself, and with some 270 of them that is a quarter of a
 * start. Packages stay outside. The code is not minified, so that a stack trace can be read.
 */
export default defineConfig({
  input: {
    cli: 'src/cli.ts',
    index: 'src/index.ts',
    // A thread of its own, found beside whoever starts it.
    'imrpf-worker': 'src/service/risk/imrpf-worker.ts',
  },
  platform: 'node',
  external: /^[^./]/,
  output: { dir: 'dist', chunkFileNames: '[name].js', cleanDir: true },
});
