import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { nearest } from '../../src/domain/nearest.ts';

it('puts the nearest first and leaves out distant names', () => {
  expect(nearest('/v1/clok', ['/v1/lag', '/v1/clock', '/docs'])[0]).toBe('/v1/clock');
  expect(nearest('sed', ['seed', 'san', 'rehearsal'])).toEqual(['seed', 'san']);
  expect(nearest('zzzzzzzzzz', ['seed', 'rehearsal'])).toEqual([]);
  expect(nearest('SEED', ['seed'])).toEqual(['seed']);
});

it('puts an exact match first, and returns no more than the limit', () => {
  const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 12 }), {
    minLength: 1,
    selector: (name) => name.toLowerCase(),
  });
  fc.assert(
    fc.property(names, fc.nat(), fc.integer({ min: 1, max: 5 }), (known, pick, atMost) => {
      const name = known[pick % known.length] ?? '';
      const found = nearest(name, known, atMost);
      expect(found[0]).toBe(name);
      expect(found.length).toBeLessThanOrEqual(atMost);
    }),
  );
});
