import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isIsin, isinCheckDigit } from '../../src/domain/isin.ts';

const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
const characters = [...letters, ...'0123456789'];
const bodies = fc
  .tuple(
    fc.array(fc.constantFrom(...letters), { minLength: 2, maxLength: 2 }),
    fc.array(fc.constantFrom(...characters), { minLength: 9, maxLength: 9 }),
  )
  .map(([country, number]) => [...country, ...number].join(''));

describe('ISIN', () => {
  it.each(['US0378331005', 'GB0005405286', 'HK0388045442', 'KYG875721634', 'CNE1000003X6'])(
    '%s has the right check digit',
    (isin) => {
      expect(isIsin(isin)).toBe(true);
    },
  );

  it('has exactly one right check digit', () => {
    fc.assert(
      fc.property(bodies, (body) => {
        const right = [...'0123456789'].filter((digit) => isIsin(body + digit));
        expect(right).toEqual([String(isinCheckDigit(body))]);
      }),
    );
  });

  it('detects any one mistyped digit', () => {
    fc.assert(
      fc.property(bodies, fc.integer({ min: 2, max: 10 }), fc.constantFrom(...'0123456789'), (body, place, digit) => {
        fc.pre(/[0-9]/.test(body[place] ?? '') && body[place] !== digit);
        const isin = `${body}${isinCheckDigit(body)}`;
        expect(isIsin(`${isin.slice(0, place)}${digit}${isin.slice(place + 1)}`)).toBe(false);
      }),
    );
  });

  it.each([
    '',
    'HK038804544',
    'HK03880454422',
    'hk0388045442',
    '120388045442',
    'HK038804544X',
    'HK0388045443',
    'HK0388045442\n',
  ])('%j is not valid', (text) => {
    expect(isIsin(text)).toBe(false);
  });

  it('has no check digit for a text that cannot be an ISIN', () => {
    expect(() => isinCheckDigit('hk038804544')).toThrow(RangeError);
  });
});
