import type { Words } from '../nouns/market.ts';

/** An input that margins cannot be computed of. All faults at once, each naming the member, what came and what was expected. */
export class MarginInputError extends Error {
  readonly faults: readonly Words[];
  constructor(...faults: readonly Words[]) {
    super(faults.map(({ en }) => en).join('\n'));
    this.name = 'MarginInputError';
    this.faults = faults;
  }
}

/**
 * What is wrong at one place, in both languages. The place and what came are shown as they are in the input, so that they read
 * the same in either.
 * @param came null = nothing
 */
export function inputFault(place: string, came: string | Words | null, expected: Words): Words {
  const shown = typeof came === 'string' ? { en: came, zh: came } : came;
  return {
    en: `${place}: ${shown?.en ?? 'nothing'} came, expected ${expected.en}`,
    zh: `${place}：${shown === null ? '並無內容' : `收到 ${shown.zh}`}，應為${expected.zh}`,
  };
}
