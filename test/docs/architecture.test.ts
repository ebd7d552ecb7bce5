import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { documentText, REPOSITORY, rowsOf } from '../support/doc-tables.ts';

interface Rule {
  readonly name: string;
  readonly comment: string;
}
const { forbidden } = createRequire(import.meta.url)('../../.dependency-cruiser.cjs') as { forbidden: Rule[] };
const rooms = rowsOf(documentText('docs/architecture.md').split('\n## ')[0] ?? '').slice(1);

describe('docs/architecture.md', () => {
  it('has the rooms and imports of the rules', () => {
    const told = rooms.map(([room = '', , imports = '', byType = '']) => {
      const list = (cell: string) => (cell === '-' ? 'nothing' : cell);
      return `${room} may import ${list(imports)}; by type also ${list(byType)}.`;
    });
    const rules = forbidden.filter(({ name }) => name.endsWith('-imports-only-downwards'));
    const asked = rules.map(({ comment }) => comment.split(' Move ')[0]);
    expect(told.toSorted()).toEqual(asked.toSorted());
  });

  it('has every folder of src that is a room', () => {
    const outside = ['commands', 'harness'];
    const folders = readdirSync(join(REPOSITORY, 'src'), { withFileTypes: true }).filter((one) => one.isDirectory());
    const names = folders.map(({ name }) => name).filter((name) => !outside.includes(name));
    expect(names.filter((name) => !rooms.some(([room]) => room === name))).toEqual([]);
  });
});

describe('every document', () => {
  const documents = ['README.md', 'README.zh-Hant.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md'].concat(
    readdirSync(join(REPOSITORY, 'docs'))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `docs/${name}`),
  );

  it.each(documents)('%s links to files that are there', (name) => {
    const links = [...documentText(name).matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(([, target]) => target ?? '');
    const from = join(REPOSITORY, dirname(name));
    expect(links.filter((target) => !/^https?:/.test(target) && !existsSync(join(from, target)))).toEqual([]);
  });

  it.each(documents)('%s links to headings that are there', (name) => {
    const links = [...documentText(name).matchAll(/\]\(([^)#:]*)#([^)]+)\)/g)];
    const missing = links.filter(([, target, anchor = '']) => {
      const headings = documentText(target ? join(dirname(name), target) : name).matchAll(/^#+ (.*)$/gm);
      return ![...headings].some(([, heading = '']) => anchorOf(heading) === anchor);
    });
    expect(missing.map(([link]) => link)).toEqual([]);
  });

  it.each(documents)('%s names files of src, test and fixtures that are there', (name) => {
    const paths = [...documentText(name).matchAll(/`((?:src|test|fixtures)\/[\w./-]+)`/g)].map(
      ([, path]) => path ?? '',
    );
    expect(paths.filter((path) => !existsSync(join(REPOSITORY, path)))).toEqual([]);
  });
});

/** As GitHub makes the anchor of a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');
}
