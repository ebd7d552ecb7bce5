import { describe, expect, it } from 'vitest';
import { CONTROL } from '../../src/control/control.ts';
import { commandsOf, looksLike } from '../support/readme-blocks.ts';
import { blocksIn, DOCUMENTS, HELD_ELSEWHERE, README, textOf, userDocuments } from '../support/readme-documents.ts';
import { describeDocuments } from '../support/readme-runner.ts';

describeDocuments([README]);

const shell = DOCUMENTS.flatMap(({ path }) => blocksIn(path)).filter(({ language }) => language === 'sh');

describe('README.md and the pages of docs/', () => {
  it('are all run where they have shell blocks', () => {
    const withBlocks = userDocuments().filter((path) => blocksIn(path).some(({ language }) => language === 'sh'));
    const held = [...DOCUMENTS.map(({ path }) => path), ...Object.keys(HELD_ELSEWHERE)];
    expect(withBlocks.length).toBeGreaterThan(10);
    expect(withBlocks.filter((path) => !held.includes(path))).toEqual([]);
    for (const [path, test] of Object.entries(HELD_ELSEWHERE)) expect(textOf(test), test).toContain(path);
  });

  it('are all reached from README.md', () => {
    const linked = [...textOf('README.md').matchAll(/\]\(([^)#]+)/g)].map(([, target]) => target);
    expect(userDocuments().filter((path) => path !== 'README.md' && !linked.includes(path))).toEqual([]);
  });

  it('call the scripts that package.json has', () => {
    const { scripts, bin } = JSON.parse(textOf('package.json'));
    expect(scripts).toMatchObject({ start: 'node src/cli.ts up', harness: 'node src/cli.ts', test: 'vitest run' });
    expect(bin).toEqual({ 'ccass-harness': 'dist/cli.js' });
  });

  it('can be begun by npm ci: the lock has every package of every platform, also of those that are not this one', () => {
    interface Locked {
      readonly optionalDependencies?: Readonly<Record<string, string>>;
    }
    const packages = JSON.parse(textOf('package-lock.json')).packages as Readonly<Record<string, Locked>>;
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) => !packages[`node_modules/${name}`] && !packages[`${path}/node_modules/${name}`],
      ),
    );
    expect(missing, 'npm ci refuses a lock that lacks them').toEqual([]);
  });

  it('give CI no command of ours that the shell blocks do not run', () => {
    const known = shell.flatMap(commandsOf);
    const recipes = blocksIn('docs/ci.md').filter(({ language }) => language === 'yaml');
    const rows = recipes.flatMap(({ text }) => text.split('\n')).map((row) => row.replace(/^\s*- (run: )?/, ''));
    const ours = rows.filter((row) => row.includes('ccass-harness'));
    expect(ours.length).toBeGreaterThan(1);
    expect(ours.filter((row) => !known.includes(row))).toEqual([]);
  });

  it('have every operation of Control in the table of docs/control.md, with its route', () => {
    const rows = textOf('docs/control.md')
      .split('\n')
      .filter((row) => row.startsWith('| `'));
    for (const [name, { method, path }] of Object.entries(CONTROL)) {
      expect(rows.find((row) => row.split('|')[1]?.includes(`\`${name}\``)) ?? '', name).toContain(
        `\`${method} ${path}\``,
      );
    }
  });

  it('show the same commands and excerpts on the first screen in English and in Chinese', () => {
    const chinese = blocksIn('README.zh-Hant.md').map(({ text }) => text);
    const english = blocksIn('README.md').map(({ text }) => text);
    expect(chinese.length).toBeGreaterThan(4);
    expect(chinese).toEqual(english.slice(0, chinese.length));
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
