/**
 * Lints docs/openapi/ and type-checks a client that is written against generated types: no warning passes.
 * `npm ci --prefix .ci/openapi --ignore-scripts && node .ci/openapi/check.mjs`
 *
 * The linter is the engine of Redocly CLI as a library. The CLI itself reports usage and looks for updates, and Spectral's
 * counts its installations (@scarf/scarf); the library sends nothing and has no install script. No client in Java is compiled:
 * Debian has no generator for OpenAPI 3.1, and npm's openapi-generator-cli downloads its jar as it runs.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createConfig, lint } from '@redocly/openapi-core';

const here = import.meta.dirname;
const folder = join(here, '../../docs/openapi');
const generated = join(here, 'generated');
const bin = (name) => join(here, 'node_modules/.bin', name);

const config = await createConfig({
  extends: ['recommended-strict'],
  rules: { 'no-invalid-schema-examples': 'error', 'no-invalid-parameter-examples': 'error' },
});
rmSync(generated, { recursive: true, force: true });
mkdirSync(generated);
let wrong = 0;
const names = readdirSync(folder);
for (const name of names) {
  const problems = await lint({ ref: join(folder, name), config });
  wrong += problems.length;
  for (const { severity, ruleId, message, location } of problems) {
    console.error(`${name}: ${severity} ${ruleId} at ${location[0]?.pointer}: ${message}`);
  }
  const types = join(generated, name.replace('.json', '.ts'));
  execFileSync(bin('openapi-typescript'), [join(folder, name), '-o', types], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}
if (names.length !== 4) throw new Error(`there are ${names.length} documents in ${folder}, not 4`);
execFileSync(bin('tsc'), ['-p', here], { stdio: 'inherit' });
console.log(`openapi: ${names.length} documents, ${wrong} problems; the client is well typed`);
process.exitCode = wrong === 0 ? 0 : 1;
