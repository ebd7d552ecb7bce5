import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { projectFilesOf } from '../support/readme-blocks.ts';
import { blocksIn, DOCUMENTS } from '../support/readme-documents.ts';
import { createWorkspace, REPOSITORY } from '../support/readme-workspace.ts';

/** The user's files as they are each time that a document runs something, or at its end. */
function statesOf(path: string): ReadonlyMap<string, string>[] {
  const blocks = blocksIn(path);
  const files = projectFilesOf(blocks);
  const states: ReadonlyMap<string, string>[] = [];
  const now = new Map<string, string>();
  let changed = false;
  const keep = () => {
    if (changed) states.push(new Map(now));
    changed = false;
  };
  for (const block of blocks) {
    const file = files.get(block);
    if (file) {
      now.set(file.name, file.text);
      changed = true;
    } else if (block.language === 'sh') keep();
  }
  keep();
  return states;
}

test('the TypeScript of README.md and docs/ type-checks, before and after each change', async () => {
  await using workspace = createWorkspace();
  const written = DOCUMENTS.flatMap(({ path }) => statesOf(path)).flatMap((state, n) => {
    const folder = join(workspace.project, String(n));
    mkdirSync(folder);
    return [...state].map(([name, text]) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    });
  });
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(join(REPOSITORY, 'tsconfig.json'), ts.sys.readFile).config,
    ts.sys,
    REPOSITORY,
  );
  const program = ts.createProgram(written, { ...options, typeRoots: [join(REPOSITORY, 'node_modules', '@types')] });
  const problems = written.flatMap((path) => ts.getPreEmitDiagnostics(program, program.getSourceFile(path)));
  expect(problems.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))).toEqual([]);
  expect(written.length).toBeGreaterThan(4);
});
