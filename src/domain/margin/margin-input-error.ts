import type { Words } from '../nouns/market.ts';

/** An input that margin cannot be computed from. Has all problems: each names the member, what it got and what it expected. */
export class MarginInputError extends Error {
  readonly problems: readonly Words[];
  constructor(...problems: readonly Words[]) {
    super(problems.map(({ en }) => en).join('\n'));
    this.name = 'MarginInputError';
    this.problems = problems;
  }
}

/**
 * What is wrong at one place, in both languages. The place and a text of the input are shown unchanged in either.
 * @param got null = nothing
 */
export function inputProblem(place: string, got: string | Words | null, expected: Words): Words {
  const shown = typeof got === 'string' ? { en: got, zh: got } : got;
  return {
    en: `${place}: got ${shown?.en ?? 'nothing'}, expected ${expected.en}`,
    zh: `${place}：${shown === null ? '並無內容' : `收到 ${shown.zh}`}，應為${expected.zh}`,
  };
}
