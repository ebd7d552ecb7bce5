import type { Counter } from './nouns/market.ts';

/** The numbering of a series: a letter and a number of digits, such as `D00000001`; a larger number has more digits. */
export interface Series {
  readonly letter: string;
  readonly digits: number;
}

/** The series of the books, by the name of their counter. */
export const SERIES = {
  instruction: { letter: 'D', digits: 8 },
  transfer: { letter: 'A', digits: 8 },
  batch: { letter: 'U', digits: 11 },
  report: { letter: 'R', digits: 8 },
  broadcast: { letter: 'N', digits: 6 },
  stockMovement: { letter: 'M', digits: 9 },
  moneyMovement: { letter: 'L', digits: 9 },
  userRequest: { letter: 'Q', digits: 8 },
  trade: { letter: 'T', digits: 9 },
} as const satisfies Readonly<Record<Counter['name'], Series>>;

export function seriesKey({ letter, digits }: Series, number: number): string {
  return letter + String(number).padStart(digits, '0');
}

/** The number of a key of the series; -1 if it is not one. */
export function seriesNumber({ letter, digits }: Series, key: string): number {
  const { length } = key;
  if (length <= digits || length > 10 || key[0] !== letter || (length > digits + 1 && key[1] === '0')) return -1;
  let number = 0;
  for (let place = 1; place < length; place++) {
    const digit = key.charCodeAt(place) - 48;
    if (digit < 0 || digit > 9) return -1;
    number = number * 10 + digit;
  }
  return number;
}

/** The place of a key in the series, even if there is no such row: a cursor comes from the client and may be anything. */
export function seriesPlace({ digits }: Series, key: string): number {
  return Number(/^\d*/.exec(key.slice(1, 1 + digits))?.[0].padEnd(digits, '0') ?? 0);
}
