import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Cursor, intersection, NumberList, union } from '../../../../src/store/books/index/number-list.ts';

/** The simplest implementation: the model of the tests. */
class PlainList {
  numbers: number[] = [];
  add(number: number): boolean {
    if (this.numbers.includes(number)) return false;
    this.numbers = [...this.numbers, number].sort((a, b) => a - b);
    return true;
  }
  remove(number: number): boolean {
    const before = this.numbers.length;
    this.numbers = this.numbers.filter((other) => other !== number);
    return this.numbers.length < before;
  }
}

const listOf = (numbers: Iterable<number>) => {
  const list = new NumberList();
  for (const number of numbers) list.add(number);
  return list;
};
const all = (cursor: Cursor, from = 0) => [...intersection([cursor], from)];

/** Runs of adding and removing: long enough to fill, split, thin out and join chunks. */
const stretch = fc.record({
  act: fc.constantFrom<'add' | 'remove'>('add', 'add', 'remove'),
  from: fc.integer({ min: 0, max: 6_000 }),
  count: fc.integer({ min: 1, max: 3_000 }),
  step: fc.constantFrom(1, 2, 3, 7, -1, -3),
});

describe('a list of numbers', () => {
  test('single additions and removals equal those of a sorted array', () => {
    const act = fc.record({ act: fc.constantFrom<'add' | 'remove'>('add', 'remove'), number: fc.nat({ max: 40 }) });
    fc.assert(
      fc.property(fc.array(act, { maxLength: 200 }), (acts) => {
        const [list, plain] = [new NumberList(), new PlainList()];
        for (const { act: verb, number } of acts) expect(list[verb](number)).toBe(plain[verb](number));
        expect(all(list.cursor())).toEqual(plain.numbers);
        expect(list.size).toBe(plain.numbers.length);
      }),
    );
  });

  test('over many chunks it equals a set, in order', () => {
    fc.assert(
      fc.property(fc.array(stretch, { minLength: 1, maxLength: 8 }), (stretches) => {
        const [list, plain] = [new NumberList(), new Set<number>()];
        for (const { act, from, count, step } of stretches) {
          for (let n = 0; n < count; n++) {
            const number = Math.abs(from + n * step);
            if (act === 'add') expect(list.add(number)).toBe(plain.size < plain.add(number).size);
            else expect(list.remove(number)).toBe(plain.delete(number));
          }
          expect(list.size).toBe(plain.size);
        }
        const sorted = [...plain].sort((a, b) => a - b);
        expect(all(list.cursor())).toEqual(sorted);
        const middle = sorted[Math.floor(sorted.length / 2)] ?? 0;
        expect(all(list.cursor(), middle + 1)).toEqual(sorted.filter((number) => number > middle));
      }),
      { numRuns: 40 },
    );
  });

  test('numbers up to 2^32 - 1', () => {
    expect(all(listOf([4_294_967_295, 0, 2_147_483_648]).cursor())).toEqual([0, 2_147_483_648, 4_294_967_295]);
  });

  test('intersection and union equal those of sets', () => {
    const some = fc.uniqueArray(fc.nat({ max: 200 }), { maxLength: 60 });
    fc.assert(
      fc.property(some, some, some, fc.nat({ max: 200 }), (a, b, c, from) => {
        const onlyC = c.filter((number) => !b.includes(number));
        const met = [...intersection([listOf(a).cursor(), union([listOf(b).cursor(), listOf(onlyC).cursor()])], from)];
        const wanted = a.filter((number) => number >= from && (b.includes(number) || onlyC.includes(number)));
        expect(met).toEqual(wanted.sort((x, y) => x - y));
      }),
    );
  });

  test('where two lists have long gaps, most numbers are never read', () => {
    const [low, high] = [listOf(range(0, 100_000)), listOf([...range(50, 60), ...range(100_000, 200_000)])];
    let steps = 0;
    const counted = (cursor: Cursor): Cursor => ({
      seek(from) {
        steps++;
        return cursor.seek(from);
      },
    });
    expect([...intersection([counted(low.cursor()), counted(high.cursor())], 0)]).toEqual(range(50, 60));
    expect(steps).toBeLessThan(50);
  });
});

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, n) => from + n);
}
