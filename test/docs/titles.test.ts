import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { REFUSAL_CODES } from '../../src/domain/refusal.ts';
import { documentText, namesIn, REPOSITORY, rowsOf } from '../support/doc-tables.ts';
import { type TitledFile, titlesOf } from '../support/test-titles.ts';

const files = readdirSync(join(REPOSITORY, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(test|contract)\.ts$/.test(name))
  .map((name) => ({ name, ...titlesOf(documentText(join('test', name))) }));

const has = (text: string, word: string) => new RegExp(`\\b${word}\\b`).test(text);
const titled = (file: TitledFile, word: string) => file.titles.some(({ title }) => has(title, word));
/** The files with a test that the word stands over and that does something with it. */
const holding = (word: string) => files.filter((file) => titled(file, word) && has(file.rest, word));

const REPORTS = ['fixtures/reports', 'fixtures/orp/reports'].flatMap((folder) =>
  readdirSync(join(REPOSITORY, folder)).map((name) => basename(name, '.json')),
);

describe('the title of some test carries', () => {
  it.each(REFUSAL_CODES)('the refusal code %s, and its file expects it', (code) => {
    expect(holding(code).map(({ name }) => name)).not.toEqual([]);
  });

  it.each(REPORTS)('the report ID %s, and its file reads it', (id) => {
    expect(holding(id).map(({ name }) => name)).not.toEqual([]);
  });

  it('the code of a bad batch file, from fixtures/batches/index.json', () => {
    const [{ titles } = { titles: [] }] = files.filter(({ name }) => name === join('wire', 'fixtures.test.ts'));
    expect(titles.filter(({ title }) => title.startsWith('$code: $file'))).toHaveLength(3);
  });

  it('no refusal code that its file says nowhere else', () => {
    const claimed = files.flatMap((file) =>
      REFUSAL_CODES.filter((code) => titled(file, code) && !has(file.rest, code)).map((code) => [file.name, code]),
    );
    expect(claimed).toEqual([]);
  });
});

describe('rows of docs/circular.md', () => {
  const rows = rowsOf(documentText('docs/circular.md')).flatMap(([number = '', , , test = '']) =>
    namesIn(test).map((name) => `${name} ${number}`),
  );
  const circular = files.filter(({ name }) => /^circular.\d\d-/.test(name));
  const claims = circular.map(({ name, titles }) => ({
    name: basename(name),
    rows: titles.map(({ title }) => [...title.matchAll(/circular row (\d+)/g)].map(([, row]) => row)),
  }));

  it('stand in the titles of the test files that they name, and in no other', () => {
    expect(rows.length).toBeGreaterThan(20);
    const said = claims.flatMap(({ name, rows }) => rows.flat().map((row) => `${name} ${row}`));
    expect([...new Set(said)].toSorted()).toEqual(rows.toSorted());
  });

  it('lead every title at the outermost level of these files', () => {
    const without = circular.flatMap(({ name, titles }) =>
      titles
        .filter(({ depth, title }) => depth === 0 && !title.startsWith('circular row '))
        .map((each) => [name, each]),
    );
    expect(without).toEqual([]);
  });
});

describe('titles as they are read', () => {
  const read = (source: string) => titlesOf(source).titles.map(({ title }) => title);

  it.each([
    ['a call', `test('A', () => {}); describe("B", () => { it(\`C\`, () => {}); });`, ['A', 'B', 'C']],
    ['a chain', `it.only('A', f); test.concurrent.skipIf(x())('B', f); describe.skipIf(a)('C', f)`, ['A', 'B', 'C']],
    ['a template literal', `test(\`A \${b} C \${d}\`, f)`, ['A … C …']],
    ['a table of rows', `it.each([['A', 1], ['B', x]] as const)('%s takes %i', f)`, ['A takes 1', 'B takes …']],
    ['a table of values', `test.each(['A', 'B'])('%s', f)`, ['A', 'B']],
    ['a table of objects', `it.each([{ code: 'A' }, { code: b }])('is $code', f)`, ['is A', 'is …']],
    ['a table with a name', `const all = [['A'], ['B']]; it.each(all)('%s', f)`, ['A', 'B']],
    ['a table from elsewhere', `it.each(FIXTURES.bad)('$code: %s', f)`, ['$code: %s']],
    ['a tagged table', `it.each\`a | b \${1} | \${2}\`("$a", f)`, ['$a']],
    ['nothing', `it.admits('A'); suit('B'); expect(it).test('C'); // test('D')`, []],
  ])('of %s', (_, source, titles) => {
    expect(read(source)).toEqual(titles);
  });

  it('are left out of the rest, as comments are; tables are not', () => {
    const { rest } = titlesOf(`/** A */ test('B', () => { /* C */ expect(x).toBe('D'); }); it.each(['E'])('%s', f);`);
    expect(['A', 'B', 'C', 'D', 'E'].filter((word) => has(rest, word))).toEqual(['D', 'E']);
  });
});
