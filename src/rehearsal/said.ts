import type { Words } from '../domain/nouns/market.ts';

/** What a step says; a text that reads the same in both languages, such as a number or a file name, is a string. */
export type Said = string | Words;

export function wordsOf(said: Said): Words {
  return typeof said === 'string' ? { en: said, zh: said } : said;
}

/** Both languages from a template each: `{}` takes the next part, `{2}` the third, where the order differs. */
export function say(en: string, zh: string, ...parts: readonly (Said | number)[]): Words {
  const filled = (template: string, language: keyof Words) => {
    let next = 0;
    return template.replace(/\{(\d*)\}/g, (_, place: string) => {
      const part = parts[place === '' ? next++ : Number(place)] ?? '';
      return typeof part === 'object' ? part[language] : String(part);
    });
  };
  return { en: filled(en, 'en'), zh: filled(zh, 'zh') };
}

/** Parts in a row: `a; b` and `a；b`. Empty ones are left out. */
export function joined(parts: readonly Said[]): Words {
  const all = parts.map(wordsOf).filter(({ en }) => en !== '');
  return { en: all.map(({ en }) => en).join('; '), zh: all.map(({ zh }) => zh).join('；') };
}

/** A list in both languages: `a, b` and `a、b`; `none` if it is empty. */
export function listed(items: readonly Said[]): Words {
  const all = items.map(wordsOf);
  if (all.length === 0) return { en: 'none', zh: '無' };
  return { en: all.map(({ en }) => en).join(', '), zh: all.map(({ zh }) => zh).join('、') };
}
