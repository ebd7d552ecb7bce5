import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { printable, printableLine } from '../../src/domain/printable.ts';

const steering = fc.constantFrom(
  '\u001b',
  '\u0000',
  '\r',
  '\u007f',
  '\u009b',
  '\u202e',
  '\u2066',
  '\u2028',
  '\u200f',
  '\ufeff',
  '\n',
  '\t',
);
const text = fc.string({ unit: fc.oneof(steering, fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 })) });

describe('texts of clients on a terminal', () => {
  test.each([
    ['\u001b[2J\u001b[H', '\\u001b[2J\\u001b[H'],
    ['a\rb', 'a\\u000db'],
    ['\u009b31m', '\\u009b31m'],
    ['abc\u202edef', 'abc\\u202edef'],
    ['中央結算 – café', '中央結算 – café'],
  ])('%j is shown as %s', (unsafe, shown) => {
    expect(printable(unsafe)).toBe(shown);
  });

  test('a line stays one line, and a forged entry is part of it', () => {
    expect(printableLine('curl\n     7  2021-07-24\tlogon')).toBe('curl\\n     7  2021-07-24\\tlogon');
  });

  test('nothing that steers is left', () => {
    fc.assert(
      fc.property(text, (any) => {
        // Cc: control characters; Cf of which the marks and overrides of direction are.
        expect(printableLine(any)).not.toMatch(/\p{Cc}|\p{Bidi_Control}|\p{Zl}|\p{Zp}/u);
        expect(printable(any).replace(/[\t\n]/g, '')).not.toMatch(/\p{Cc}|\p{Bidi_Control}|\p{Zl}|\p{Zp}/u);
      }),
    );
  });

  test('JSON reads back as it was', () => {
    fc.assert(
      fc.property(fc.dictionary(text, text), (value) => {
        expect(JSON.parse(printable(JSON.stringify(value)))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
