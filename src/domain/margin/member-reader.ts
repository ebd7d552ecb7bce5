import { type Decimal, decimal } from '../exact.ts';
import { normalCode } from '../instrument-codes.ts';
import { nearest } from '../nearest.ts';

/** Longer figures than any amount of money, and short enough to be computed with at once. */
const LONGEST_FIGURE = 80;
const FIGURE = /^[+-]?\d+(\.\d+)?$/;

/** Members of an object that somebody wrote by hand. What is wrong is noted, and reading goes on, so that all is told at once. */
export class MemberReader {
  /** Null if it is no object: that is said once, and its members are not missed. */
  readonly #members: Readonly<Record<string, unknown>> | null;
  readonly #path: string;
  readonly #faults: string[];

  /** @param path of the object; empty for the outermost one */
  constructor(value: unknown, path: string, known: readonly string[], faults: string[]) {
    this.#path = path;
    this.#faults = faults;
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    this.#members = isObject ? (value as Record<string, unknown>) : null;
    if (!isObject) MemberReader.tell(faults, path || 'the whole', value, `an object with ${known.join(', ')}`);
    for (const name of Object.keys(this.#members ?? {})) {
      if (known.includes(name)) continue;
      const [guess] = nearest(name, known, 1);
      faults.push(
        `${this.#pathOf(name)}: no such member, expected ${guess === undefined ? `one of ${known.join(', ')}` : `perhaps ${guess}`}`,
      );
    }
  }

  get isObject(): boolean {
    return this.#members !== null;
  }

  /** Notes a fault: which member, what came, what was expected. */
  static tell(faults: string[], path: string, came: unknown, expected: string): void {
    faults.push(`${path}: ${came === undefined ? 'nothing came' : `${shown(came)} came`}, expected ${expected}`);
  }

  /** Null is as good as left out. */
  given(name: string): boolean {
    return this.value(name) !== undefined && this.value(name) !== null;
  }

  value(name: string): unknown {
    return this.#members && Object.hasOwn(this.#members, name) ? this.#members[name] : undefined;
  }

  text(name: string, expected = 'a code as a text, such as "700"'): string | null {
    const value = this.value(name);
    if (typeof value === 'string' && value.trim() !== '') return value;
    this.#tell(name, expected);
    return null;
  }

  flag(name: string): boolean {
    if (!this.given(name)) return false;
    const value = this.value(name);
    if (typeof value !== 'boolean') this.#tell(name, 'true or false');
    return value === true;
  }

  codes(name: string): string[] {
    if (!this.given(name)) return [];
    const value = this.value(name);
    if (Array.isArray(value) && value.every((code) => typeof code === 'string' && code.trim() !== ''))
      return value.map(normalCode);
    this.#tell(name, 'a list of codes as texts, such as ["700", "1299"]');
    return [];
  }

  /** A number, or an exact decimal as a text; not negative unless `signed`. Null if it is left out. */
  figure(name: string, { signed = false, needed = false } = {}): Decimal | null {
    if (!needed && !this.given(name)) return null;
    const value = this.value(name);
    const expected = `${signed ? 'a number' : 'a number not below zero'}, or such a decimal as a text`;
    if (typeof value === 'number' && Number.isFinite(value)) {
      if (Math.abs(value) > Number.MAX_SAFE_INTEGER)
        this.#tell(name, 'a number this large as a text, so that it is exact');
      else if (!signed && value < 0) this.#tell(name, expected);
      return decimal(value);
    }
    const text = typeof value === 'string' ? value.trim() : '';
    if (text.length <= LONGEST_FIGURE && FIGURE.test(text)) {
      const read = decimal(text.replace('+', ''));
      if (!signed && read.lt(0)) this.#tell(name, expected);
      return read;
    }
    this.#tell(name, text.length > LONGEST_FIGURE ? `at most ${LONGEST_FIGURE} characters` : expected);
    return null;
  }

  #tell(name: string, expected: string): void {
    if (this.#members) MemberReader.tell(this.#faults, this.#pathOf(name), this.value(name), expected);
  }

  #pathOf(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`;
  }
}

function shown(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
