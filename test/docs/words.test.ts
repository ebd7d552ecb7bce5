import { describe, expect, it } from 'vitest';
import { documentText, namesIn, rowsOf } from './tables.ts';

const nouns = [...documentText('src/domain/nouns.ts').matchAll(/^export (?:interface|type) (\w+)/gm)].map(
  ([, name]) => name ?? '',
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

  it('has no word twice', () => {
    const first = words.map(([word]) => word);
    expect(first.length).toBe(new Set(first).size);
  });
});
