import fc from 'fast-check';
import { expect, test } from 'vitest';
import { marketValueCents } from '../../../src/service/ccass/enquiries.ts';

test('market value: exact, rounded half up, for any holding and price', () => {
  fc.assert(
    fc.property(fc.nat({ max: 999_999_999_999 }), fc.nat({ max: 9_999_999 }), (quantity, priceMilli) => {
      const milli = BigInt(quantity) * BigInt(priceMilli);
      const cents = milli / 10n + (milli % 10n >= 5n ? 1n : 0n);
      expect(marketValueCents(quantity, priceMilli)).toBe(Number(cents));
    }),
  );
  expect(marketValueCents(1, 5)).toBe(1);
  expect(marketValueCents(1, 4)).toBe(0);
});
