import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const check = (cwd: string) =>
  spawnSync(process.execPath, [join(ROOT, '.ci/check-imports.ts')], { cwd, encoding: 'utf8', timeout: 60_000 });

describe('the import table', () => {
  test('src/ keeps to it, and every file was looked at', () => {
    const { status, stdout, stderr } = check(ROOT);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^imports: \d{2,} files keep to the table/);
    expect(status).toBe(0);
  });

  test('a deliberate violation is found and told with its remedy', () => {
    const { status, stderr } = check(join(import.meta.dirname, 'violation'));
    expect(stderr).toContain('wire-imports-only-downwards: src/wire/reaches-up.ts -> src/store/rows.ts');
    expect(stderr).toContain('wire may import domain');
    expect(status).toBe(1);
  });
});
