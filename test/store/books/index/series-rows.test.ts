import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SERIES, seriesKey, seriesNumber } from '../../../../src/domain/series.ts';
import { newLongTables } from '../../../../src/store/books/index/long-tables.ts';
import { SeriesRows } from '../../../../src/store/books/index/series-rows.ts';

const { instruction, stockMovement } = SERIES;

describe('rows of a series', () => {
  test('equal those of a map, in order of their numbers', () => {
    const number = fc.oneof(fc.nat({ max: 20 }), fc.nat({ max: 5_000 }), fc.constantFrom(99_999_999, 100_000_000));
    const act = fc.record({ act: fc.constantFrom<'set' | 'delete'>('set', 'set', 'delete'), number, row: fc.nat() });
    fc.assert(
      fc.property(fc.array(act, { maxLength: 100 }), (acts) => {
        const [rows, map] = [new SeriesRows<number>(), new Map<number, number>()];
        for (const { act: verb, number: n, row } of acts) {
          if (verb === 'set') {
            rows.set(n, row);
            map.set(n, row);
          } else {
            rows.delete(n);
            map.delete(n);
          }
          expect(rows.get(n)).toBe(map.get(n));
          expect(rows.size).toBe(map.size);
        }
        const inOrder = [...map].sort(([a], [b]) => a - b);
        expect([...rows.numbers()]).toEqual(inOrder.map(([n]) => n));
        expect([...rows.values()]).toEqual(inOrder.map(([, row]) => row));
      }),
    );
  });

  test('have keys of their letter and digits, and no others', () => {
    expect(seriesKey(instruction, 1)).toBe('D00000001');
    expect(seriesNumber(instruction, 'D00000001')).toBe(1);
    expect(seriesNumber(instruction, 'D123456789')).toBe(123_456_789);
    expect(seriesNumber(stockMovement, 'M000000001')).toBe(1);
    const others = [
      '',
      'D',
      'D1',
      'M00000001',
      'd00000001',
      'D000000001',
      'D0000001',
      'D0000000x',
      'D-0000001',
      'D1234567890',
    ];
    expect(others.map((key) => seriesNumber(instruction, key))).toEqual(others.map(() => -1));
    const table = newLongTables().instruction;
    for (const key of others) {
      expect(table.get(key)).toBeUndefined();
      expect(() => table.replace(key, null)).toThrow(`${key} is not a number such as D00000001`);
    }
  });

  test('come in order, in whatever order they were set', () => {
    const rows = new SeriesRows<number>();
    for (let n = 30_000; n > 0; n -= 3) rows.set(n, n);
    expect([...rows.values()].slice(0, 3)).toEqual([3, 6, 9]);
    expect(rows.size).toBe(10_000);
  });
});
