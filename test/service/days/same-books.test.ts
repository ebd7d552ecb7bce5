import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FULL } from '../../flows/rehearsal.ts';
import { commands, play } from './commands.ts';
import { world } from './world.ts';

test('the same commands give the same books, byte for byte, and the same answers', { timeout: 300_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(commands(14), async (day) => {
      await using first = await world();
      await using second = await world();
      const answers = await play(first, day, 0);
      expect(await play(second, day, 0)).toEqual(answers);
      expect(second.centre.store.books.digest()).toBe(first.centre.store.books.digest());
      // A secret is in the books, so that the digest would show it.
      await using third = await world();
      await play(third, day, 1);
      const differs = day.some(({ kind, by, with: other }) => kind === 'si' && (by !== 'B09901' || other !== 'B09901'));
      if (differs) expect(third.centre.store.books.digest()).not.toBe(first.centre.store.books.digest());
    }),
    { numRuns: FULL ? 120 : 6 },
  );
});
