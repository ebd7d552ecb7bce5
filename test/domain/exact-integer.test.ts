import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimalText, exactInteger, isLess, minus, plus } from '../../src/domain/exact-integer.ts';

/** Around zero, around 2^53 on both sides, and far beyond. */
const whole = fc.oneof(
  fc.bigInt({ min: -20n, max: 20n }),
  fc.bigInt({ min: 2n ** 53n - 20n, max: 2n ** 53n + 20n }),
  fc.bigInt({ min: -(2n ** 53n) - 20n, max: -(2n ** 53n) + 20n }),
  fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }),
);

describe('whole numbers of any size', () => {
  it('add, subtract and compare as bigints do, and survive JSON', () => {
    fc.assert(
      fc.property(whole, whole, (a, b) => {
        const [one, other] = [exactInteger(a), exactInteger(b)];
        expect(plus(one, other)).toEqual(exactInteger(a + b));
        expect(minus(one, other)).toEqual(exactInteger(a - b));
        expect(isLess(one, other)).toBe(a < b);
        expect(BigInt(JSON.parse(JSON.stringify(plus(one, other))))).toBe(a + b);
      }),
    );
  });

  it('are numbers while a number is exact, so that each value has one form', () => {
    expect([exactInteger(2n ** 53n - 1n), exactInteger(2n ** 53n)]).toEqual([2 ** 53 - 1, '9007199254740992']);
    expect(minus('9007199254740992', 1)).toBe(2 ** 53 - 1);
    expect(plus(-9007199254740991, -1)).toBe('-9007199254740992');
  });

  it('are written with a decimal point', () => {
    expect([0, 5, -5, 123456, '-900719925474099312'].map((units) => decimalText(units, 2))).toEqual([
      '0.00',
      '0.05',
      '-0.05',
      '1234.56',
      '-9007199254740993.12',
    ]);
    expect(decimalText(45350, 3)).toBe('45.350');
  });
});
