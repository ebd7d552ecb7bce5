import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom, type RandomStream } from '../../src/testbed/random.ts';

const draw = (stream: RandomStream, count: number) => Array.from({ length: count }, () => stream.next());

describe('seeded random numbers', () => {
  test('the same seed and use give the same numbers, no matter what other streams draw', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.string(), (seed, use) => {
        const once = createRandom(seed);
        const again = createRandom(seed);
        draw(again.stream('another use'), 7);
        expect(draw(again.stream(use), 20)).toEqual(draw(once.stream(use), 20));
      }),
    );
  });

  test('other seeds and other uses give other numbers, also seeds beyond 32 bits', () => {
    const seeds = [0, 1, 2, -1, 2 ** 32, 2 ** 32 + 1, -(2 ** 32), Number.MAX_SAFE_INTEGER];
    const streams = seeds.flatMap((seed) => ['a', 'b', 'faults', 'data'].map((use) => createRandom(seed).stream(use)));
    const beginnings = streams.map((stream) => draw(stream, 3).join());
    expect(new Set(beginnings).size).toBe(beginnings.length);
  });

  test('numbers are in [0, 1) and spread evenly', () => {
    const counts = new Array(16).fill(0);
    for (const number of draw(createRandom(7).stream('spread'), 16_000)) {
      expect(number).toBeGreaterThanOrEqual(0);
      expect(number).toBeLessThan(1);
      counts[Math.floor(number * 16)]++;
    }
    for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(150);
  });

  test('integers are in range, both ends included', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.integer(), fc.nat(), (seed, from, span) => {
        const number = createRandom(seed)
          .stream('integers')
          .integer(from, from + span);
        expect(Number.isInteger(number)).toBe(true);
        expect(number).toBeGreaterThanOrEqual(from);
        expect(number).toBeLessThanOrEqual(from + span);
      }),
    );
    const dice = createRandom(3).stream('dice');
    expect(new Set(Array.from({ length: 200 }, () => dice.integer(1, 6)))).toEqual(new Set([1, 2, 3, 4, 5, 6]));
  });

  test('a range wider than 32 bits uses all its bits', () => {
    const stream = createRandom(5).stream('cents');
    const numbers = Array.from({ length: 64 }, () => stream.integer(0, 2 ** 50));
    expect(numbers.some((number) => number % 2 === 1)).toBe(true);
    expect(numbers.every((number) => number >= 0 && number <= 2 ** 50)).toBe(true);
  });

  test('a range without integers and a bad seed are rejected', () => {
    const stream = createRandom(1).stream('none');
    expect(() => stream.integer(2, 1)).toThrow(RangeError);
    expect(() => stream.integer(0.5, 3)).toThrow(RangeError);
    expect(() => createRandom(0.5)).toThrow(RangeError);
    expect(() => createRandom(Number.NaN)).toThrow(RangeError);
  });
});
