import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Referenced, ReferenceIndex } from '../../../../src/store/books/index/reference-index.ts';

const referred = (reference: string, participant = 'B09901', inputDate = '2021-07-26'): Referenced => ({
  participant,
  inputDate,
  reference,
});

/** The index and its rows, as a table has them. */
function table() {
  const rows = new Map<number, Referenced>();
  const index = new ReferenceIndex();
  return {
    replace(number: number, row: Referenced | null) {
      const before = rows.get(number);
      if (row) rows.set(number, row);
      else rows.delete(number);
      index.replace(number, before, row);
    },
    first: ({ participant, inputDate, reference }: Referenced) =>
      index.first(participant, inputDate, reference, (number) => rows.get(number)),
    lowest: (wanted: Referenced) =>
      [...rows].sort(([a], [b]) => a - b).find(([, row]) => JSON.stringify(row) === JSON.stringify(wanted))?.[0],
  };
}

describe('rows by their references', () => {
  test('are found as by a scan, after any additions and removals', () => {
    const row = fc.record({
      participant: fc.constantFrom('B09901', 'B09902'),
      inputDate: fc.constantFrom('2021-07-26', '2021-07-27'),
      reference: fc.oneof(fc.constantFrom('R1', 'R2', '1R'), fc.string({ maxLength: 4 })),
    });
    const act = fc.tuple(fc.nat({ max: 20 }), fc.option(row, { freq: 2 }));
    fc.assert(
      fc.property(fc.array(act, { maxLength: 50 }), fc.array(row, { maxLength: 5 }), (acts, others) => {
        const { replace, first, lowest } = table();
        for (const [number, it] of acts) replace(number, it);
        const asked = [...acts.flatMap(([, it]) => it ?? []), ...others];
        expect(asked.map(first)).toEqual(asked.map(lowest));
      }),
    );
  });

  test('are still found after thousands of additions and every other one removed', () => {
    const { replace, first } = table();
    for (let n = 1; n <= 20_000; n++) replace(n, referred(`REF-${n}`));
    for (let n = 2; n <= 20_000; n += 2) replace(n, null);
    for (let n = 1; n <= 20_000; n++) {
      if (first(referred(`REF-${n}`)) !== (n % 2 === 1 ? n : undefined)) expect.fail(`REF-${n}`);
    }
    // All have one hash: one long run.
    for (let n = 1; n <= 100; n++) replace(30_000 + n, referred('TWICE'));
    replace(30_001, null);
    expect(first(referred('TWICE'))).toBe(30_002);
  });

  test('of two participants or dates are different', () => {
    const { replace, first } = table();
    replace(0, referred('REF'));
    expect(first(referred('REF'))).toBe(0);
    expect(first(referred('REF', 'B09902'))).toBeUndefined();
    expect(first(referred('REF', 'B09901', '2021-07-27'))).toBeUndefined();
  });
});
