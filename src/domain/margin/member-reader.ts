import { type Decimal, decimal } from '../exact.ts';
import { normalCode } from '../instrument-codes.ts';
import { nearest } from '../nearest.ts';
import type { Words } from '../nouns/market.ts';
import { inputProblem } from './margin-input-error.ts';

/** Longer than any amount of money, yet short enough to compute with quickly. */
const MAX_FIGURE_LENGTH = 80;
const FIGURE = /^[+-]?\d+(\.\d+)?$/;

const EXPECTED = {
  code: { en: 'a code as a text, such as "700"', zh: '文字代號，例如 "700"' },
  codes: { en: 'a list of codes as texts, such as ["700", "1299"]', zh: '文字代號列表，例如 ["700", "1299"]' },
  flag: { en: 'true or false', zh: ' true 或 false' },
  signed: { en: 'a number, or a decimal as a text', zh: '數字，或文字形式的小數' },
  notNegative: { en: 'a number not below zero, or a decimal as a text', zh: '不小於 0 的數字，或文字形式的小數' },
  exact: { en: 'a number this large as a text, so that it is exact', zh: '以文字表達如此大的數字，以保持準確' },
  shorter: { en: `at most ${MAX_FIGURE_LENGTH} characters`, zh: `不超過 ${MAX_FIGURE_LENGTH} 個字元` },
} as const satisfies Record<string, Words>;

/** Reads the members of an object that a user wrote. Collects problems and reads on, so that all are reported at once. */
export class MemberReader {
  /** Null if the value is not an object: that is reported once, and not for each member. */
  readonly #members: Readonly<Record<string, unknown>> | null;
  readonly #path: string;
  readonly #problems: Words[];

  /** @param path of the object; empty for the outermost one */
  constructor(value: unknown, path: string, known: readonly string[], problems: Words[]) {
    this.#path = path;
    this.#problems = problems;
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    this.#members = isObject ? (value as Record<string, unknown>) : null;
    if (!isObject) {
      const members = known.join(', ');
      MemberReader.report(problems, path || 'FILE', value, {
        en: `an object with ${members}`,
        zh: `含 ${members} 的物件`,
      });
    }
    for (const name of Object.keys(this.#members ?? {})) {
      if (known.includes(name)) continue;
      const [guess] = nearest(name, known, 1);
      const members = known.join(', ');
      problems.push({
        en: `${this.#pathOf(name)}: unknown member, expected ${guess === undefined ? `one of ${members}` : `perhaps ${guess}`}`,
        zh: `${this.#pathOf(name)}：並無此欄位，應為${guess === undefined ? `下列之一：${members}` : ` ${guess}？`}`,
      });
    }
  }

  get isObject(): boolean {
    return this.#members !== null;
  }

  /** Adds a problem: which member, what it got, what it expected. */
  static report(problems: Words[], path: string, got: unknown, expected: Words): void {
    problems.push(inputProblem(path, got === undefined ? null : shown(got), expected));
  }

  /** Null counts as left out. */
  given(name: string): boolean {
    return this.value(name) !== undefined && this.value(name) !== null;
  }

  value(name: string): unknown {
    return this.#members && Object.hasOwn(this.#members, name) ? this.#members[name] : undefined;
  }

  text(name: string, expected: Words = EXPECTED.code): string | null {
    const value = this.value(name);
    if (typeof value === 'string' && value.trim() !== '') return value;
    this.#report(name, expected);
    return null;
  }

  flag(name: string): boolean {
    if (!this.given(name)) return false;
    const value = this.value(name);
    if (typeof value !== 'boolean') this.#report(name, EXPECTED.flag);
    return value === true;
  }

  codes(name: string): string[] {
    if (!this.given(name)) return [];
    const value = this.value(name);
    if (Array.isArray(value) && value.every((code) => typeof code === 'string' && code.trim() !== ''))
      return value.map(normalCode);
    this.#report(name, EXPECTED.codes);
    return [];
  }

  /** A number, or an exact decimal as a text; not negative unless `signed`. Null if it is left out. */
  figure(name: string, { signed = false, needed = false } = {}): Decimal | null {
    if (!needed && !this.given(name)) return null;
    const value = this.value(name);
    const expected = signed ? EXPECTED.signed : EXPECTED.notNegative;
    if (typeof value === 'number' && Number.isFinite(value)) {
      if (Math.abs(value) > Number.MAX_SAFE_INTEGER) this.#report(name, EXPECTED.exact);
      else if (!signed && value < 0) this.#report(name, expected);
      return decimal(value);
    }
    const text = typeof value === 'string' ? value.trim() : '';
    if (text.length <= MAX_FIGURE_LENGTH && FIGURE.test(text)) {
      const read = decimal(text.replace('+', ''));
      if (!signed && read.lt(0)) this.#report(name, expected);
      return read;
    }
    this.#report(name, text.length > MAX_FIGURE_LENGTH ? EXPECTED.shorter : expected);
    return null;
  }

  #report(name: string, expected: Words): void {
    if (this.#members) MemberReader.report(this.#problems, this.#pathOf(name), this.value(name), expected);
  }

  #pathOf(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`;
  }
}

function shown(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
