import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

// Each of these costs a tenth of a start or more, and no start needs it: whoever imports it for all breaks this test.
test('a start loads nothing that waits for somebody to ask', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'loaded-exit.ts')]);
  const loaded = stdout.split('\n');
  const has = (what: string) => loaded.some((address) => address.includes(what));
  expect(has('/node_modules/fastify/')).toBe(true);
  expect(has('/src/centre/https/https.ts')).toBe(true);
  const later = ['typebox', 'ajv', '@fastify/swagger', '@fastify/static', 'ssh2'];
  expect(later.filter((name) => has(`/node_modules/${name}/`))).toEqual([]);
  const commandLine = ['/src/commands/', '/src/client/', '/node_modules/commander/', '/domain/margin/portfolio'];
  expect(commandLine.filter(has)).toEqual([]);
  // Node loads its fetch with whoever imports node:http.
  expect(has('deps/undici')).toBe(false);
});
