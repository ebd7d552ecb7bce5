import fc from 'fast-check';
import { expect, test } from 'vitest';
import { marketValueCents } from '../../../src/service/ccass/enquiries.ts';

test('market value: exact, rounded half up, for any holding and price', () => {
  fc.assert(
    fc.property(
      fc.maxSafeNat().map((n) => n % 10 ** 12),
      fc.maxSafeNat().map((n) => n % 10 ** 12),
      (quantity, priceMilli) => {
        const milli = BigInt(quantity) * BigInt(priceMilli);
        const cents = milli / 10n + (milli % 10n >= 5n ? 1n : 0n);
        expect(BigInt(marketValueCents(quantity, priceMilli))).toBe(cents);
      },
    ),
  );
  expect(marketValueCents(1, 5)).toBe(1);
  expect(marketValueCents(1, 4)).toBe(0);
});
