import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { put } from '../../../src/domain/change.ts';
import type { SettlementInstruction } from '../../../src/domain/nouns/instructions.ts';
import { AUTO_USER, needsOpposite, oppositeOf } from '../../../src/domain/settlement/auto-counterparty.ts';
import { decideRow } from '../../../src/domain/settlement/batch.ts';
import { decideMatches, findPairs, matchKey, type Pair, pairSteps } from '../../../src/domain/settlement/matching.ts';
import { AT, apply, FREE, match, matched, mirror, openBooks, rowFacts, si, statusOf } from '../../support/si-market.ts';

describe('two unmatched SIs match', () => {
  it('whatever their accounts, references, narratives and users', () => {
    const row = si();
    const other = mirror(row, { account: '03', narrative: 'LOAN', user: 'MAKER02', hold: true });
    expect(findPairs([other, row])).toEqual([{ deliver: row.number, receive: other.number }]);
  });

  it.each<Partial<SettlementInstruction>>([
    { stock: '00700' },
    { quantity: 401 },
    { participant: 'C09901' },
    { counterparty: 'C09901' },
    { payment: 'RDP' },
    FREE,
    { currency: 'CNY' },
    { amountCents: 100_01 },
    { settlementDate: '2021-07-27' },
    { status: 'pending' },
    { status: 'matched' },
    { status: 'deleted' },
  ])('but not with %j at one side', (different) => {
    const row = si();
    expect(findPairs([row, mirror(row, different)])).toEqual([]);
    expect(findPairs([si({ ...row, ...different }), mirror(row)])).toEqual([]);
  });

  it('but not if both deliver, or both receive', () => {
    for (const side of ['deliver', 'receive'] as const) {
      const row = si({ side });
      expect(findPairs([row, mirror(row, { side })])).toEqual([]);
    }
  });

  it('each with one other, the lowest numbers first', () => {
    const [one, two, three] = [si(), si(), si()];
    const [first, second] = [mirror(one), mirror(one)];
    expect(findPairs([three, second, two, first, one])).toEqual([
      { deliver: one.number, receive: first.number },
      { deliver: two.number, receive: second.number },
    ]);
  });
});

/** Few values, so that instructions meet. */
const anyInstruction: fc.Arbitrary<SettlementInstruction> = fc
  .record({
    n: fc.integer({ min: 1, max: 60 }),
    side: fc.constantFrom('deliver' as const, 'receive' as const),
    parties: fc.constantFrom(
      ['B09901', 'B09902'] as const,
      ['B09902', 'B09901'] as const,
      ['B09901', 'C09901'] as const,
    ),
    quantity: fc.constantFrom(100, 200),
    status: fc.constantFrom('unmatched' as const, 'unmatched' as const, 'unmatched' as const, 'pending' as const),
    hold: fc.boolean(),
  })
  .map(({ n, parties: [participant, counterparty], ...more }) =>
    si({ ...more, ...FREE, number: `D${String(n).padStart(8, '0')}`, participant, counterparty }),
  );
const anyInstructions = fc.uniqueArray(anyInstruction, { selector: (row) => row.number, maxLength: 40 });

/** The convention said another way: of each key the deliveries and receipts in order, side by side. */
function pairsByKey(rows: readonly SettlementInstruction[]): Pair[] {
  const unmatched = rows
    .filter(({ status }) => status === 'unmatched')
    .toSorted((a, b) => (a.number < b.number ? -1 : 1));
  const numbers = (all: readonly SettlementInstruction[], side: string) =>
    all.filter((row) => row.side === side).map(({ number }) => number);
  return [...Map.groupBy(unmatched, matchKey).values()]
    .flatMap((all) => {
      const receipts = numbers(all, 'receive');
      return numbers(all, 'deliver')
        .slice(0, receipts.length)
        .map((deliver, n) => ({ deliver, receive: receipts[n] as string }));
    })
    .toSorted((a, b) => ([a.deliver, a.receive].sort().join() < [b.deliver, b.receive].sort().join() ? -1 : 1));
}

describe('matching is', () => {
  it('the same for any order of the SIs', () => {
    fc.assert(
      fc.property(
        anyInstructions.chain((rows) =>
          fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length })),
        ),
        ([rows, shuffled]) => {
          expect(findPairs(shuffled)).toEqual(findPairs(rows));
        },
      ),
    );
  });

  it('the same in steps of any length, and for each key alone', () => {
    fc.assert(
      fc.property(anyInstructions, fc.integer({ min: 1, max: 12 }), (rows, perStep) => {
        const steps = pairSteps(rows, perStep);
        let [taken, step] = [1, steps.next()];
        for (; !step.done; step = steps.next()) taken++;
        expect(step.value).toEqual(pairsByKey(rows));
        expect(taken).toBeGreaterThan(Math.floor(rows.length / perStep));
      }),
    );
  });

  it('not changed by unrelated SIs', () => {
    fc.assert(
      fc.property(anyInstructions, fc.constantFrom(100, 200), (rows, quantity) => {
        const mine = rows.filter((row) => row.quantity === quantity);
        const numbers = new Set(mine.map(({ number }) => number));
        expect(findPairs(rows).filter(({ deliver }) => numbers.has(deliver))).toEqual(findPairs(mine));
      }),
    );
  });

  it('the same with the sides exchanged', () => {
    fc.assert(
      fc.property(anyInstructions, (rows) => {
        const turned = rows.map((row) => ({ ...row, side: row.side === 'deliver' ? 'receive' : 'deliver' }) as const);
        const back = ({ deliver, receive }: Pair) => ({ deliver: receive, receive: deliver });
        expect(findPairs(turned).map(back)).toEqual(findPairs(rows));
      }),
    );
  });

  it('complete and one to one: afterwards no two are left that could match', () => {
    fc.assert(
      fc.property(anyInstructions, (rows) => {
        const books = openBooks();
        apply(
          books,
          rows.map((row) => put('instruction', row)),
        );
        match(books);
        const after = [...books.all('instruction')];
        expect(findPairs(after)).toEqual([]);
        for (const row of after) {
          if (row.matchedWith === undefined) expect(['unmatched', 'pending']).toContain(row.status);
          else {
            const other = books.get('instruction', row.matchedWith);
            expect(other?.matchedWith).toBe(row.number);
            expect(other && matchKey(other)).toBe(matchKey(row));
            expect(row.status).toBe(row.hold || other?.hold ? 'matched-on-hold' : 'matched');
            expect(other?.status).toBe(row.status);
          }
        }
      }),
    );
  });
});

it('a pair that was changed, deleted or matched since it was found is skipped', () => {
  const books = openBooks();
  const row = si();
  const [other, third] = [mirror(row), mirror(row)];
  apply(
    books,
    [row, other, third].map((one) => put('instruction', one)),
  );
  const pairs = findPairs(books.all('instruction'));
  apply(books, [put('instruction', { ...other, quantity: 1 })]);
  expect(decideMatches(books, pairs, AT)).toEqual([]);
  apply(books, [put('instruction', other)]);
  // Twice in one list, as if a run had been begun anew.
  apply(books, decideMatches(books, [...pairs, { deliver: row.number, receive: third.number }, ...pairs], AT));
  expect([row, other, third].map(({ number }) => statusOf(books, number))).toEqual(['matched', 'matched', 'unmatched']);
  expect(decideMatches(books, pairs, AT)).toEqual([]);
});

it('200,000 SIs of one stock and of one key are matched without comparing each with each', () => {
  const one = si(FREE);
  const two = mirror(one);
  const rows = Array.from({ length: 200_000 }, (_, n) => ({
    ...(n % 2 === 0 ? one : two),
    number: `D${String(n).padStart(8, '0')}`,
    quantity: n < 100_000 ? 1 : Math.floor(n / 2),
  }));
  const pairs = findPairs(rows);
  expect(pairs).toHaveLength(100_000);
  expect(pairs[99_999]).toEqual({ deliver: 'D00199998', receive: 'D00199999' });
});

describe('the auto-counterparty', () => {
  it('inputs the SI that matches', () => {
    for (const more of [{}, FREE, { side: 'receive' as const, payment: 'RDP' as const, hold: true }]) {
      const row = si(more);
      const decided = decideRow(oppositeOf(row, '01'), rowFacts(), {
        ...{ participant: row.counterparty, user: AUTO_USER, batch: null, at: AT, marketDate: '2021-07-26' },
        number: 'D90000000',
      });
      if (typeof decided === 'string') throw new Error(decided);
      expect(findPairs([row, decided])).toHaveLength(1);
      expect(decided.reference.length).toBeLessThanOrEqual(16);
      expect(needsOpposite(decided, AT + 1e9, 0)).toBe(false);
    }
  });

  it('waits from when the SI became unmatched, and ignores other SIs', () => {
    const row = si({ inputAt: AT });
    expect(needsOpposite(row, AT + 59_999, 60_000)).toBe(false);
    expect(needsOpposite(row, AT + 60_000, 60_000)).toBe(true);
    expect(needsOpposite({ ...row, statusAt: AT + 1 }, AT + 60_000, 60_000)).toBe(false);
    const books = openBooks();
    const [number] = matched(books, { inputAt: AT });
    for (const other of [books.get('instruction', number), { ...row, status: 'pending' as const }])
      expect(other && needsOpposite(other, AT + 1e9, 0)).toBe(false);
  });
});
