import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { durationMs, durationText, readDuration } from '../../src/commands/durations.ts';

describe('a duration', () => {
  test.each([
    ['250ms', 250],
    ['90s', 90_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['1d2h3m4s5ms', 93_784_005],
    ['1.5h', 5_400_000],
    ['0.07s', 70],
    ['0', 0],
    [' 5m ', 300_000],
    [0, 0],
  ])('%j is %i ms', (given, ms) => expect(readDuration(given)).toBe(ms));

  test.each([
    ...[
      '5',
      '5 minutes',
      '-1s',
      '+1s',
      '5M',
      '1e3s',
      '1m1h',
      '1h1h',
      '',
      ' ',
      's',
      '0.5ms',
      '1.s',
      '٣s',
      '5m,',
      '1h 30m',
    ],
    ...['9007199254740993ms', '104249991375d', `${'9'.repeat(400)}d`, 5, -1, 1500, true, null, undefined, ['5m'], {}],
  ])('%j is none', (given) => expect(readDuration(given)).toBeNull());

  test('that is an argument is refused with the way to write it', () => {
    expect(() => durationMs('5')).toThrow('Write a duration with its unit, such as 250ms, 90s, 5m, 1h30m or 1d.');
  });

  test('is written so that it is read as the same again', () => {
    fc.assert(fc.property(fc.maxSafeNat(), (ms) => void expect(readDuration(durationText(ms))).toBe(ms)));
  });
});
