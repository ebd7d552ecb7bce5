import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONTROL } from '../../src/control/control.ts';
import { type Block, blocksOf, commandsOf, looksLike } from '../support/readme-blocks.ts';
import { createPlayground, type Playground, REPOSITORY } from '../support/readme-playground.ts';

/**
 * README.md, done as it says: every shell block runs in order, every output is compared with what the block after it
 * shows, the test is written, fails, is changed and passes. A block that cannot run is named here, with the reason.
 */
const NOT_RUN: Readonly<Record<string, { readonly because: string; readonly instead?: string }>> = {
  'npm ci && npm start': { because: 'npm ci is the set-up of this very test', instead: 'npm start' },
  'npm pack': { because: 'packs and installs from a registry; the playground links the sources in its place' },
  'docker compose up --build --detach --wait': { because: 'needs a container engine' },
  'jobs:': { because: 'a recipe for GitHub; its commands of ours are held against the shell blocks' },
  'test:': { because: 'a recipe for GitLab; its commands of ours are held against the shell blocks' },
};
/** Commands that end with another code than 0, each time that they stand there. */
const ENDS_WITH: Readonly<Record<string, readonly number[]>> = {
  'curl --cacert certs/ca.pem --tlsv1.3 https://127.0.0.1:7443/centre': [35],
  'node --test fail-over.test.ts': [1, 0],
};
/** What not every machine has; a block that calls it is left out there, and what it would show. */
const missing = ['sftp'].filter((program) => spawnSync(program, ['-h']).error !== undefined);
const IN_THE_PROJECT = ['In your own tests'];

const readme = readFileSync(join(REPOSITORY, 'README.md'), 'utf8');
const blocks = blocksOf(readme);
const shell = blocks.filter(({ language }) => language === 'sh');

describe.skipIf(process.platform === 'win32')('README.md, block by block', () => {
  let playground: Playground;
  let output = '';
  let file = '';
  let leftOut = false;
  const typed: string[] = [];
  const times = new Map<string, number>();
  beforeAll(() => {
    playground = createPlayground();
    mkdirSync(join(playground.project, 'typed'));
  });
  afterAll(() => playground[Symbol.asyncDispose]());

  async function perform(commands: readonly string[], where: 'clone' | 'project') {
    const outputs: string[] = [];
    for (const command of commands) {
      const before = times.get(command) ?? 0;
      times.set(command, before + 1);
      const ran = await playground.run(command, where);
      expect(ran.code, `${command}\n${ran.output}`).toBe(ENDS_WITH[command]?.[before] ?? 0);
      outputs.push(ran.output.trimEnd());
    }
    output = outputs.join('\n');
    return outputs.at(-1) ?? '';
  }
  let last = '';

  const perLanguage: Readonly<Record<string, (block: Block) => Promise<void> | void>> = {
    async sh(block) {
      last = await perform(commandsOf(block), IN_THE_PROJECT.includes(block.heading) ? 'project' : 'clone');
    },
    console({ text }) {
      expect(looksLike(text, output), `shown:\n${text}\n\ncame:\n${output}`).toBe(true);
    },
    json({ text }) {
      expect(JSON.parse(last)).toMatchObject(JSON.parse(text));
    },
    ts({ text, before }) {
      file = [...before.matchAll(/`([\w.-]+\.ts)`/g)].at(-1)?.[1] ?? 'unnamed.ts';
      keep(text);
    },
    diff({ text }) {
      const rows = (sign: string) =>
        text
          .split('\n')
          .filter((row) => row.startsWith(sign))
          .map((row) => row.slice(1))
          .join('\n');
      const was = readFileSync(join(playground.project, file), 'utf8');
      expect(was.split(rows('-')), `${file} holds what is to be replaced once`).toHaveLength(2);
      keep(was.replace(rows('-'), () => rows('+')));
    },
  };

  function keep(text: string) {
    writeFileSync(join(playground.project, file), text);
    const copy = join(playground.project, 'typed', `${typed.length}.ts`);
    writeFileSync(copy, text);
    typed.push(copy);
  }

  it.each(blocks.map((block) => ({ ...block, name: `line ${block.line}: ${block.first}` })))('$name', async (block) => {
    if (block.language === 'sh') leftOut = missing.some((program) => block.text.includes(`| ${program} `));
    if (leftOut) return;
    const listed = NOT_RUN[block.first];
    if (listed?.instead) last = await perform([listed.instead], 'clone');
    if (listed) return;
    const handle = perLanguage[block.language];
    if (!handle) throw new Error(`line ${block.line}: nothing runs a block in "${block.language}"; name it in NOT_RUN`);
    await handle(block);
  });

  it('holds TypeScript that type-checks', () => {
    const { options } = ts.parseJsonConfigFileContent(
      ts.readConfigFile(join(REPOSITORY, 'tsconfig.json'), ts.sys.readFile).config,
      ts.sys,
      REPOSITORY,
    );
    const program = ts.createProgram(typed, {
      ...options,
      typeRoots: [join(REPOSITORY, 'node_modules', '@types')],
    });
    const problems = typed.flatMap((path) => ts.getPreEmitDiagnostics(program, program.getSourceFile(path)));
    expect(problems.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))).toEqual([]);
    expect(typed.length).toBeGreaterThan(1);
  });
});

describe('README.md', () => {
  it('has no block left in the lists that it does not have itself', () => {
    const commands = shell.flatMap(commandsOf);
    expect(Object.keys(NOT_RUN).filter((first) => !blocks.some((block) => block.first === first))).toEqual([]);
    expect(Object.keys(ENDS_WITH).filter((command) => !commands.includes(command))).toEqual([]);
  });

  it('calls the scripts that package.json has', () => {
    const { scripts, bin } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8'));
    expect(scripts).toMatchObject({ start: 'node src/cli.ts up', harness: 'node src/cli.ts', test: 'vitest run' });
    expect(bin).toEqual({ 'ccass-harness': 'dist/cli.js' });
  });

  it('can be begun by npm ci: the lock has every package of every platform, also of those that are not this one', () => {
    interface Locked {
      readonly optionalDependencies?: Readonly<Record<string, string>>;
    }
    const lock = JSON.parse(readFileSync(join(REPOSITORY, 'package-lock.json'), 'utf8'));
    const packages = lock.packages as Readonly<Record<string, Locked>>;
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) => !packages[`node_modules/${name}`] && !packages[`${path}/node_modules/${name}`],
      ),
    );
    expect(missing, 'npm ci refuses a lock that lacks them').toEqual([]);
  });

  it('gives CI no command of ours that its shell blocks do not run', () => {
    const known = shell.flatMap(commandsOf);
    const recipes = blocks.filter(({ language }) => language === 'yaml').flatMap(({ text }) => text.split('\n'));
    const ours = recipes.map((row) => row.replace(/^\s*- (run: )?/, '')).filter((row) => row.includes('ccass-harness'));
    expect(ours.length).toBeGreaterThan(1);
    expect(ours.filter((row) => !known.includes(row))).toEqual([]);
  });

  it('has every verb of Control in its table, with the route that it has', () => {
    const rows = readme.split('\n').filter((row) => row.startsWith('| `'));
    for (const [name, { method, path }] of Object.entries(CONTROL)) {
      expect(rows.find((row) => row.split('|')[1]?.includes(`\`${name}\``)) ?? '', name).toContain(
        `\`${method} ${path}\``,
      );
    }
  });

  it('links to files that are there', () => {
    const links = [...readme.matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(([, target]) => target ?? '');
    expect(links.length).toBeGreaterThan(10);
    const missing = links.filter((target) => !target.startsWith('http') && !existsSync(join(REPOSITORY, target)));
    expect(missing).toEqual([]);
  });
});

describe('what a document shows of an output', () => {
  it.each([
    ['a  b\n...\nd', 'a b\nc\nc\nd\n', true],
    ['a ... c', 'a b c', true],
    ['a', 'a\nb', false],
    ['...\nb', 'b', true],
    ['a\nb', 'a\nx\nb', false],
    ['a (1)', 'a (2)', false],
  ])('%j is like %j: %s', (shown, came, is) => expect(looksLike(shown, came)).toBe(is));
});
