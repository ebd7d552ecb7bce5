import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { apiOf } from '../../../src/centre/https/services.ts';
import { instant } from '../../../src/domain/calendar/calendar.ts';
import { openApi } from '../../../src/http/openapi.ts';
import type { Fixtures } from '../../../src/loading/loading.ts';
import { type Command, commands, OBSERVER, play } from '../../support/days/commands.ts';
import { ENQUIRIES, everythingOf } from '../../support/days/everything.ts';
import { moveTo, world } from '../../support/days/world.ts';
import { FULL } from '../../support/rehearsal.ts';

/** What the others have from the morning on: accounts, shares, money, positions, users. */
const otherSecrets = (fixtures: Fixtures): Fixtures => {
  const others = <T extends { readonly participant: string }>(rows: readonly T[], change: (row: T) => Partial<T>) =>
    rows.map((row) => (row.participant === OBSERVER ? row : { ...row, ...change(row) }));
  return {
    ...fixtures,
    users: others(fixtures.users, (row) => ({ name: `${row.name} the second`, inputLimitHkdCents: 49_999_999_999 })),
    accounts: others(fixtures.accounts, (row) => ({ name: { en: `${row.name.en} too`, zh: `${row.name.zh}二` } })),
    holdings: others(fixtures.holdings, (row) => ({ quantity: row.quantity + 1_234_000 })),
    moneyBalances: others(fixtures.moneyBalances, (row) => ({ balanceCents: Number(row.balanceCents) + 777 })),
    duePositions: others(fixtures.duePositions, (row) => ({
      quantity: row.quantity + 400,
      amountCents: row.amountCents + 5,
    })),
  };
};

/** The day in both worlds, to the next morning, when its reports are there. */
async function both<T>(day: readonly Command[], look: (first: Seen, second: Seen) => T | Promise<T>) {
  await using first = await world();
  await using second = await world(otherSecrets);
  const answers = [await play(first, day, 0), await play(second, day, 1)] as const;
  for (const one of [first, second]) await moveTo(one, Math.max(one.clock.now(), instant('2021-02-11T08:30')));
  return look({ world: first, answers: answers[0] }, { world: second, answers: answers[1] });
}
interface Seen {
  readonly world: Awaited<ReturnType<typeof world>>;
  readonly answers: readonly unknown[];
}

describe('what one participant may see never includes another’s', () => {
  test('every enquiry is covered', async () => {
    const { paths } = (await openApi(apiOf('ccass', '0'))) as {
      paths: Record<string, { readonly get?: { readonly security?: readonly object[] } }>;
    };
    // What needs no session is the same for everybody.
    const enquiries = Object.entries(paths).flatMap(([path, { get }]) =>
      get && get.security?.length !== 0 && path.startsWith('/ccass/v1/') ? [path.slice('/ccass/v1/'.length)] : [],
    );
    expect(enquiries.toSorted()).toEqual(ENQUIRIES.toSorted());
  });

  test('no answer, row or byte of a report changes if only what others keep private does', {
    timeout: 300_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(commands(14), (day) =>
        both(day, async (first, second) => {
          expect(second.answers).toEqual(first.answers);
          expect(await everythingOf(second.world, OBSERVER)).toEqual(await everythingOf(first.world, OBSERVER));
          // The secrets exist and their owners see them; otherwise this would prove nothing.
          for (const other of ['B09902', 'C09901'] as const)
            expect(await everythingOf(second.world, other)).not.toEqual(await everythingOf(first.world, other));
        }),
      ),
      { numRuns: FULL ? 120 : 8 },
    );
  });
});
