import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { documentText, namesIn, REPOSITORY, rowsOf } from '../support/doc-tables.ts';

const nouns = readdirSync(join(REPOSITORY, 'src/domain/nouns')).flatMap((file) =>
  [...documentText(`src/domain/nouns/${file}`).matchAll(/^export (?:interface|type) (\w+)/gm)].map(
    ([, name]) => name ?? '',
  ),
);
const words = rowsOf(documentText('docs/words.md')).filter(([first]) => first !== 'word');

describe('docs/words.md', () => {
  it('has every noun of the market, and no other, each once', () => {
    expect(nouns.length).toBeGreaterThan(20);
    const told = words.flatMap(([, , , code = '']) => namesIn(code));
    expect(told.toSorted()).toEqual(nouns.toSorted());
  });

  it('says of each word what it is, in one line', () => {
    for (const row of words) expect(row, row.join(' | ')).toHaveLength(4);
    expect(words.filter(([, , meaning = '']) => meaning.length < 10)).toEqual([]);
  });

  it('is followed in Chinese: none of the words that lost stands in a text', () => {
    const texts = ['src', 'fixtures'].flatMap((folder) =>
      readdirSync(join(REPOSITORY, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => /\.(ts|json)$/.test(name))
        .map((name) => join(folder, name)),
    );
    // The line; batch; the primary centre; connection, which 連接 is the verb of.
    const lost = /線路|整批|主要數據中心|(開啟|關閉)連接/;
    expect(texts.length).toBeGreaterThan(100);
    expect(texts.filter((name) => lost.test(documentText(name)))).toEqual([]);
  });

  it('has no word twice', () => {
    const first = words.map(([word]) => word);
    expect(first.length).toBe(new Set(first).size);
  });
});
