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

/** Chinese words that lost, and the one that HKEX or Hong Kong uses instead. */
const LOST: readonly { readonly words: RegExp; readonly use: string }[] = [
  { words: /待押/, use: '暫緩交收, of shares 暫擱: 押 is a pledge' },
  { words: /批次交收|整批/, use: '多批交收處理程序' },
  { words: /股份借出者/, use: '貸股人' },
  { words: /附設結單/, use: '附寄結單' },
  { words: /到期持倉|逾期持倉/, use: '到期股份數額, 逾期股份數額' },
  { words: /帳/, use: '賬' },
  { words: /假設交易|聯交所交易/, use: '買賣' },
  { words: /授權待授權/, use: '授權待處理的交收指示' },
  { words: /連上|試用線上|試作批量|自由參加/, use: "the circular's 連接, 進行線上操作及查詢, 批量上載, 可選擇參與" },
  { words: /恢復運作/, use: '已轉回主數據中心' },
  { words: /固定地址|線路/, use: '連接地址' },
  { words: /主要數據中心/, use: '主數據中心' },
  { words: /(開啟|關閉)連接/, use: '連線: 連接 is the verb' },
  { words: /權杖/, use: '令牌' },
  { words: /通訊協定/, use: '協議' },
  { words: /交握/, use: '握手' },
  { words: /用戶端/, use: '客戶端' },
];

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

  it('is followed in Chinese: no text uses a word that lost', () => {
    const folders = ['src', 'fixtures', 'docs'].flatMap((folder) =>
      readdirSync(join(REPOSITORY, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => /\.(ts|json|md)$/.test(name))
        .map((name) => join(folder, name)),
    );
    const texts = [...folders, 'README.md', 'README.zh-Hant.md'];
    expect(texts.length).toBeGreaterThan(100);
    const found = texts.flatMap((name) =>
      LOST.filter(({ words: lost }) => lost.test(documentText(name))).map(({ use }) => `${name}: use ${use}`),
    );
    expect(found).toEqual([]);
  });

  it('has no word twice', () => {
    const first = words.map(([word]) => word);
    expect(first.length).toBe(new Set(first).size);
  });
});
