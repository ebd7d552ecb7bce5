import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SettlementInstruction } from '../../src/domain/nouns/instructions.ts';
import { AUTO_USER, dueOppositeSteps, oppositeDueAt } from '../../src/domain/settlement/auto-counterparty.ts';
import { findPairs } from '../../src/domain/settlement/matching.ts';
import { purgeable, purgeableSteps } from '../../src/domain/settlement/purge.ts';
import { dueDeliveries, dueSteps } from '../../src/domain/settlement/settlement.ts';
import { inOrder, type Stepwise, sortedSteps } from '../../src/domain/stepwise.ts';
import { si } from '../support/si-market.ts';

function counted<T>(steps: Stepwise<T>): { readonly value: T; readonly steps: number } {
  for (let n = 1; ; n++) {
    const step = steps.next();
    if (step.done) return { value: step.value, steps: n };
  }
}

test('sorting in steps gives the same order as sorting, and is stable', () => {
  const items = fc.array(fc.record({ key: fc.constantFrom('a', 'b', 'c', 'B'), n: fc.nat() }), { maxLength: 60 });
  fc.assert(
    fc.property(items, fc.integer({ min: 1, max: 9 }), (all, perStep) => {
      const sorted = counted(sortedSteps(all, (a, b) => inOrder(a.key, b.key), perStep));
      expect(sorted.value).toEqual(all.toSorted((a, b) => inOrder(a.key, b.key)));
      expect(sorted.steps).toBeGreaterThanOrEqual(Math.ceil(all.length / perStep));
    }),
  );
});

test('the SIs whose opposite is to be input are the same in steps of any length', () => {
  const row: fc.Arbitrary<SettlementInstruction> = fc
    .record({
      n: fc.nat(999),
      side: fc.constantFrom('deliver' as const, 'receive' as const),
      status: fc.constantFrom('unmatched' as const, 'unmatched' as const, 'matched' as const),
      user: fc.constantFrom('MAKER01', 'MAKER01', AUTO_USER),
      statusAt: fc.nat(20),
    })
    .map(({ n, side, ...more }) => {
      const [participant, counterparty] = side === 'deliver' ? ['B09901', 'B09902'] : ['B09902', 'B09901'];
      return si({ ...more, side, participant, counterparty, number: `D${String(n).padStart(8, '0')}` });
    });
  const rows = fc.uniqueArray(row, { selector: ({ number }) => number, maxLength: 40 });
  fc.assert(
    fc.property(rows, fc.integer({ min: 1, max: 9 }), (all, perStep) => {
      const served = new Set(findPairs(all).flatMap(({ deliver, receive }) => [deliver, receive]));
      const waits = all.filter(
        ({ number, status, user }) => status === 'unmatched' && user !== AUTO_USER && !served.has(number),
      );
      const isDue = (one: SettlementInstruction) => oppositeDueAt(one, 5) <= 15;
      const due = waits.filter(isDue).map(({ number }) => number);
      const later = waits.filter((one) => !isDue(one)).map((one) => oppositeDueAt(one, 5));
      const { value, steps } = counted(dueOppositeSteps(all, 15, 5, perStep));
      expect(value).toEqual({ due: due.sort(), next: later.length > 0 ? Math.min(...later) : null });
      expect(steps).toBeGreaterThan(Math.floor(all.length / perStep));
    }),
  );
});

test('what is due, and what is purged, are the same in steps of any length', () => {
  const row: fc.Arbitrary<SettlementInstruction> = fc
    .record({
      n: fc.nat(999),
      side: fc.constantFrom('deliver' as const, 'receive' as const),
      status: fc.constantFrom('matched' as const, 'unmatched' as const, 'shares-on-hold' as const, 'settled' as const),
      settlementDate: fc.constantFrom('2021-06-01', '2021-07-23', '2021-07-26', '2021-07-27'),
    })
    .map(({ n, ...more }) => si({ ...more, number: `D${String(n).padStart(8, '0')}` }));
  const rows = fc.uniqueArray(row, { selector: ({ number }) => number, maxLength: 40 });
  fc.assert(
    fc.property(rows, fc.integer({ min: 1, max: 9 }), (all, perStep) => {
      const due = all
        .filter(({ side, status }) => side === 'deliver' && (status === 'matched' || status === 'shares-on-hold'))
        .filter(({ settlementDate }) => settlementDate <= '2021-07-26')
        .map(({ settlementDate, number }) => `${settlementDate} ${number}`)
        .sort()
        .map((text) => text.split(' ')[1]);
      expect(counted(dueSteps(all, '2021-07-26', perStep)).value).toEqual(due);
      expect(dueDeliveries(all, '2021-07-26')).toEqual(due);
      const rules = { purgeAfterDays: 14 };
      expect(counted(purgeableSteps(all, '2021-07-26', rules, perStep)).value).toEqual(
        all
          .filter(({ status, settlementDate }) => status !== 'settled' && settlementDate <= '2021-07-12')
          .map(({ number }) => number)
          .sort(),
      );
      expect(purgeable(all, '2021-07-26', rules).length).toBeLessThanOrEqual(all.length);
    }),
  );
});
