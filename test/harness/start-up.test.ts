import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

// Each of these adds a tenth to the start or more, and no start needs it; a static import of one breaks this test.
test('a start loads nothing that only later requests need', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'loaded-exit.ts')]);
  const loaded = stdout.split('\n');
  const has = (what: string) => loaded.some((address) => address.includes(what));
  expect(has('/node_modules/fastify/')).toBe(true);
  expect(has('/src/centre/https/https.ts')).toBe(true);
  const later = ['typebox', 'ajv', '@fastify/swagger', '@fastify/static', 'ssh2'];
  expect(later.filter((name) => has(`/node_modules/${name}/`))).toEqual([]);
  const commandLine = ['/src/commands/', '/src/client/', '/node_modules/commander/', '/domain/margin/portfolio'];
  expect(commandLine.filter(has)).toEqual([]);
  // An import of node:http loads Node's fetch.
  expect(has('deps/undici')).toBe(false);
});
