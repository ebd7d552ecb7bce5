import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SERIES, SeriesRows, seriesKey, seriesNumber } from '../../src/store/series-rows.ts';

const { instruction, stockMovement } = SERIES;

describe('rows of a series', () => {
  test('are those of a map, in order of their numbers', () => {
    const number = fc.oneof(fc.nat({ max: 20 }), fc.nat({ max: 5_000 }), fc.constantFrom(99_999_999, 100_000_000));
    const act = fc.record({ act: fc.constantFrom<'set' | 'delete'>('set', 'set', 'delete'), number, row: fc.nat() });
    fc.assert(
      fc.property(fc.array(act, { maxLength: 100 }), (acts) => {
        const [rows, map] = [new SeriesRows<number>(instruction), new Map<string, number>()];
        for (const { act: verb, number: n, row } of acts) {
          const key = seriesKey(instruction, n);
          if (verb === 'set') {
            rows.set(key, row);
            map.set(key, row);
          } else {
            rows.delete(key);
            map.delete(key);
          }
          expect(rows.get(key)).toBe(map.get(key));
          expect(rows.size).toBe(map.size);
        }
        const inOrder = [...map].sort(([a], [b]) => a.length - b.length || (a < b ? -1 : 1));
        expect([...rows.keys()]).toEqual(inOrder.map(([key]) => key));
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
    const rows = new SeriesRows<number>(instruction);
    expect(() => rows.set('X1', 1)).toThrow('X1 is no number such as D00000001');
    for (const key of others) {
      expect(rows.get(key)).toBeUndefined();
      rows.delete(key);
    }
  });

  test('come in order whichever way they were put there', () => {
    const rows = new SeriesRows<number>(instruction);
    for (let n = 30_000; n > 0; n -= 3) rows.set(seriesKey(instruction, n), n);
    expect([...rows.values()].slice(0, 3)).toEqual([3, 6, 9]);
    expect(rows.size).toBe(10_000);
  });
});
