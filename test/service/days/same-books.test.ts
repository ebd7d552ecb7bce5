import fc from 'fast-check';
import { expect, test } from 'vitest';
import { commands, OBSERVER, play } from '../../support/days/commands.ts';
import { world } from '../../support/days/world.ts';
import { FULL } from '../../support/rehearsal.ts';

test('the same commands give the same books, byte for byte, and the same answers', { timeout: 300_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(commands(14), async (day) => {
      await using first = await world();
      await using second = await world();
      const answers = await play(first, day, 0);
      expect(await play(second, day, 0)).toEqual(answers);
      expect(second.centre.store.books.digest()).toBe(first.centre.store.books.digest());
      // What others than the observer input is a secret in the books, so the digest shows it.
      await using third = await world();
      await play(third, day, 1);
      const differs = day.some(({ kind, by, answered }) => kind === 'si' && (by !== OBSERVER || answered));
      if (differs) expect(third.centre.store.books.digest()).not.toBe(first.centre.store.books.digest());
    }),
    { numRuns: FULL ? 120 : 6 },
  );
});
