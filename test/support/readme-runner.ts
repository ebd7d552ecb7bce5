import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Block, commandsOf, looksLike, projectFilesOf } from './readme-blocks.ts';
import { blocksIn, type Document } from './readme-documents.ts';
import { createWorkspace, type Workspace } from './readme-workspace.ts';

/** Programs that not every machine has; without one, its blocks and their outputs are skipped. */
const missing = ['sftp'].filter((program) => spawnSync(program, ['-h']).error !== undefined);

/**
 * Follows documents, one after another in one clone and one project: runs every shell block in order, compares every
 * output with the block that shows it, writes and changes every file. Then `git status` must list nothing.
 */
export function describeDocuments(documents: readonly Document[]): void {
  describe.skipIf(process.platform === 'win32')('block by block', { shuffle: false }, () => {
    let workspace: Workspace;
    beforeAll(() => {
      workspace = createWorkspace();
    });
    afterAll(() => workspace[Symbol.asyncDispose]());

    for (const document of documents) {
      describe(document.path, { shuffle: false }, () => {
        const blocks = blocksIn(document.path);
        const reader = createReader(document, blocks, () => workspace);
        beforeAll(async () => {
          if (document.after) await workspace.run(document.after, 'clone');
        });
        it.each(blocks.map((block) => ({ block, name: `line ${block.line}: ${block.first}` })))('$name', ({ block }) =>
          reader(block),
        );
        it('names no block or command that it does not have', () => {
          const commands = blocks.filter(({ language }) => language === 'sh').flatMap(commandsOf);
          const first = blocks.map((block) => block.first);
          expect(Object.keys(document.notRun ?? {}).filter((name) => !first.includes(name))).toEqual([]);
          expect(Object.keys(document.endsWith ?? {}).filter((name) => !commands.includes(name))).toEqual([]);
        });
      });
    }

    it('leaves nothing behind that git would list', () => expect(workspace.untracked()).toEqual([]));
  });
}

/** Follows one block after another, as a reader of the page would. */
function createReader(
  { notRun = {}, endsWith = {}, inTheProject = [] }: Document,
  blocks: readonly Block[],
  workspace: () => Workspace,
) {
  const files = projectFilesOf(blocks);
  const times = new Map<string, number>();
  let leftOut = false;
  /** Of the previous shell block: the output of all its commands, and of the last one. */
  let output = '';
  let last = '';

  async function perform(commands: readonly string[], where: 'clone' | 'project') {
    const outputs: string[] = [];
    for (const command of commands) {
      const before = times.get(command) ?? 0;
      times.set(command, before + 1);
      const ran = await workspace().run(command, where);
      expect(ran.code, `${command}\n${ran.output}`).toBe(endsWith[command]?.[before] ?? 0);
      // A reader's harness is the default one, of which nothing is said.
      outputs.push(ran.output.replace(/^steering the harness at .*\n/gm, '').trimEnd());
    }
    output = outputs.join('\n');
    last = outputs.at(-1) ?? '';
  }

  function write(block: Block) {
    const file = files.get(block);
    if (file) writeFileSync(join(workspace().project, file.name), file.text);
  }

  const perLanguage: Readonly<Record<string, (block: Block) => Promise<void> | void>> = {
    sh: (block) => {
      const project = inTheProject === 'all' || inTheProject.includes(block.heading);
      return perform(commandsOf(block), project ? 'project' : 'clone');
    },
    console: ({ text }) => expect(looksLike(text, output), `shown:\n${text}\n\ncame:\n${output}`).toBe(true),
    json: ({ text }) => expect(JSON.parse(last)).toMatchObject(JSON.parse(text)),
    ts: write,
    diff: write,
  };

  return async (block: Block) => {
    if (block.language === 'sh') leftOut = missing.some((program) => block.text.includes(`| ${program} `));
    if (leftOut) return;
    const listed = notRun[block.first];
    if (listed?.instead) await perform([listed.instead], 'clone');
    if (listed) return;
    const handle = perLanguage[block.language];
    if (!handle) throw new Error(`line ${block.line}: nothing runs a block in "${block.language}"; name it in notRun`);
    await handle(block);
  };
}
