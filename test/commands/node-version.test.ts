import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CONFIGURATION } from '../../src/commands/exit-codes.ts';
import { OLDEST_NODE, tooOld } from '../../src/commands/node-version.ts';

const REPOSITORY = join(import.meta.dirname, '..', '..');
const told = (version: string) => tooOld({ version, execPath: '/opt/node' });

// .ci/packed.ts has Nodes that are really older run what is packed.
describe('a Node that is too old', () => {
  it.each(['v16.20.2', 'v18.20.8', 'v20.20.2', 'v22.23.3', 'v23.11.1', 'v9.0.0'])(
    '%s is told what is needed, what it is, where, and what to do, in one line',
    (version) => {
      const line = told(version) ?? '';
      expect(line).toContain(`needs Node ${OLDEST_NODE} or newer`);
      expect(line).toContain(`this is Node ${version.slice(1)} (/opt/node)`);
      expect(line).toMatch(/Install a newer one.*PATH/);
      expect(line).not.toContain('\n');
    },
  );

  it.each(['v24.0.0', 'v24.21.0', 'v26.0.0-nightly20260101', 'v100.0.0'])('%s is none', (version) => {
    expect(told(version)).toBeUndefined();
  });

  it('is what package.json says that it is', () => {
    const { engines } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8'));
    expect(engines).toEqual({ node: `>=${OLDEST_NODE}` });
  });

  it('makes the program end before it does anything, as a configuration that does not fit does', () => {
    const older = 'data:text/javascript,Object.defineProperty(process, "version", { value: "v22.1.0" })';
    const options = { encoding: 'utf8', timeout: 30_000, env: {} } as const;
    const args = ['--import', older, join(REPOSITORY, 'src', 'cli.ts'), '--version'];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, options);
    expect([status, stdout]).toEqual([CONFIGURATION, '']);
    expect(stderr).toBe(`${tooOld({ version: 'v22.1.0', execPath: process.execPath })}\n`);
  });
});
