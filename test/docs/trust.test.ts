import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { documentText } from '../support/doc-tables.ts';
import { blocksOf, commandsOf } from '../support/readme-blocks.ts';
import { createWorkspace, type Workspace } from '../support/readme-workspace.ts';

/** docs/trust.md, as it is printed, but for the ports: only curl can be led elsewhere without a word in the command. */
const NOT_RUN: Readonly<Record<string, string>> = {
  csharp: 'needs .NET',
  go: 'needs Go',
  powershell: 'needs Windows',
};
const blocks = blocksOf(documentText('docs/trust.md'));

describe.skipIf(process.platform === 'win32')('docs/trust.md', { shuffle: false }, () => {
  let workspace: Workspace;
  beforeAll(async () => {
    workspace = createWorkspace();
    await workspace.run('npm start', 'clone');
  });
  afterAll(() => workspace[Symbol.asyncDispose]());

  it('has a block for each stack, each of which runs or is named here', () => {
    expect(blocks.length).toBeGreaterThan(6);
    const known = ['sh', ...Object.keys(NOT_RUN)];
    expect([...new Set(blocks.map(({ language }) => language))].toSorted()).toEqual(known.toSorted());
  });

  const commands = blocks.filter(({ language }) => language === 'sh').flatMap(commandsOf);
  for (const command of commands) {
    const program = command.split(' ').find((word) => !word.includes('=')) ?? '';
    it.skipIf(!isHere(program))(command, async () => {
      const { code, output } = await workspace.run(workspace.real(command), 'clone');
      expect(code, output).toBe(0);
      expect(output).toMatch(/simulated|Verification: OK|ccass-harness|added to keystore/i);
    });
  }

  it('is right that without the CA nothing is trusted', async () => {
    const [first = ''] = commands;
    const { code } = await workspace.run(first.replace('--cacert certs/ca.pem', ''), 'clone');
    expect(code).toBe(60);
  });
});

function isHere(program: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
