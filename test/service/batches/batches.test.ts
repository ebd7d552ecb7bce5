import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RowReason } from '../../../src/domain/settlement/batch.ts';
import { batchFile, outcomeOf } from '../../support/batch-files.ts';
import type { Batch } from '../../support/client.ts';
import { batchesDone, FULL, inSession1, onTheLine } from '../../support/rehearsal.ts';
import type { ROW } from '../../support/shipped-layouts.ts';

/** What can be wrong with a row, and what then is said, if nothing before it in field order is wrong too. */
const FAULTS: readonly (readonly [RowReason, Partial<typeof ROW>])[] = [
  ['BAD_SIDE', { side: 'S' }],
  ['UNKNOWN_STOCK', { stock: '99999' }],
  ['ISIN_MISMATCH', { isin: 'KYG875721634' }],
  ['BAD_QUANTITY', { quantity: 0 }],
  ['UNKNOWN_COUNTERPARTY', { counterparty: 'B00000' }],
  ['SELF_COUNTERPARTY', { counterparty: 'B09901' }],
  ['UNKNOWN_ACCOUNT', { account: '99' }],
  ['BAD_PAYMENT', { payment: 'XXX' }],
  ['BAD_CURRENCY', { currency: 'EUR' }],
  ['BAD_AMOUNT', { amountCents: 0 }],
  ['BAD_SETTLEMENT_DATE', { settlementDate: '2021-07-25' }],
  ['BAD_HOLD', { hold: 'X' }],
  ['OVER_LIMIT', { amountCents: 900_000_000_000_000 }],
];

const good: fc.Arbitrary<Partial<typeof ROW>> = fc.record({
  side: fc.constantFrom('D', 'R'),
  stock: fc.constant('00005'),
  isin: fc.constantFrom('', 'GB0005405286'),
  quantity: fc.integer({ min: 1, max: 1_000_000 }),
  counterparty: fc.constantFrom('B09902', 'C09901', 'L09901'),
  account: fc.constantFrom('01', '03', '04', '06'),
  payment: fc.constantFrom('DVP', 'RDP'),
  currency: fc.constantFrom('HKD', 'CNY', 'USD'),
  amountCents: fc.integer({ min: 1, max: 1_000_000_000 }),
  settlementDate: fc.constantFrom('2021-07-26', '2021-07-30', '2021-08-06'),
  hold: fc.constantFrom('Y', 'N'),
});
const row = fc.tuple(good, fc.option(fc.constantFrom(...FAULTS), { freq: 2 }), fc.integer({ min: 1, max: 30 }));

test('any mix of rows: each is accepted as one SI or refused with its reason, and ZSICR01 agrees with the books', {
  timeout: 300_000,
}, async () => {
  await using harness = await inSession1();
  using client = onTheLine(harness);
  await client.logon();
  const used = new Set<string>();
  let runs = 0;
  let known = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 25 }), async (drawn) => {
      const sequence = String(++runs).padStart(4, '0');
      // Few references, so that some come twice, in one file and over several.
      const rows = drawn.map(([fine, fault, reference]) => ({
        ...fine,
        ...fault?.[1],
        reference: `R${reference}-${runs % 4}`,
      }));
      const expected = drawn.map(([, fault], n): RowReason | '' => {
        const reference = rows[n]?.reference ?? '';
        // Field order: DUPLICATE_REFERENCE and OVER_LIMIT come last, in this order.
        if (fault && fault[0] !== 'OVER_LIMIT') return fault[0];
        if (used.has(reference)) return 'DUPLICATE_REFERENCE';
        if (fault) return fault[0];
        used.add(reference);
        return '';
      });
      const kept = await client.upload(batchFile(rows, { sequence }));
      expect(kept.status).toBe(202);
      await batchesDone(harness.control);
      const { batch, report } = await outcomeOf(client, kept.json<Batch>().reference);
      const accepted = expected.filter((reason) => reason === '').length;
      expect(batch).toMatchObject({
        status: 'processed',
        records: rows.length,
        accepted,
        refused: rows.length - accepted,
      });
      expect(report.details.map((one) => one.reason)).toEqual(expected);
      expect(report.trailer).toMatchObject({ accepted, refused: rows.length - accepted });
      const instructions = (await client.instructions()).slice(known);
      known += instructions.length;
      const taken = report.details.filter((one) => one.outcome === 'A');
      expect(instructions.map((one) => [one.number, one.reference])).toEqual(
        taken.map((one) => [one.number, one.reference]),
      );
      expect(instructions.map((one) => one.quantity)).toEqual(
        rows.filter((_, n) => expected[n] === '').map((one) => one.quantity),
      );
    }),
    { numRuns: FULL ? 200 : 15 },
  );
});
