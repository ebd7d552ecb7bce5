import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'sizes-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the project's own linter rules say of a text in src/. */
function lint(text: string): string {
  const { linter, overrides } = JSON.parse(readFileSync(join(ROOT, 'biome.json'), 'utf8'));
  writeFileSync(join(folder, 'biome.json'), JSON.stringify({ linter, overrides }));
  mkdirSync(join(folder, 'src'), { recursive: true });
  writeFileSync(join(folder, 'src/long.ts'), text);
  const { stdout, stderr } = spawnSync(join(ROOT, 'node_modules/.bin/biome'), ['lint', 'src'], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 60_000,
  });
  return stdout + stderr;
}

const statements = (count: number) => Array.from({ length: count }, (_, n) => `  console.log(${n});`).join('\n');

test('a function of more than 120 lines is refused, and one of 100 is not', () => {
  expect(lint(`export function long() {\n${statements(130)}\n}\n`)).toContain('noExcessiveLinesPerFunction');
  expect(lint(`export function short() {\n${statements(100)}\n}\n`)).not.toContain('noExcessiveLines');
});

test('a file of more than 350 lines is refused', () => {
  const lines = Array.from({ length: 360 }, (_, n) => `export const x${n} = ${n};`).join('\n');
  expect(lint(`${lines}\n`)).toContain('noExcessiveLinesPerFile');
});
