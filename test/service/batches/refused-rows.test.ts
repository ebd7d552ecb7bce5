import { expect, test } from 'vitest';
import { isRefusal } from '../../../src/domain/refusal.ts';
import { batchFile } from '../../support/batch-files.ts';
import { CALLER, DAY, type World, world } from '../../support/days/world.ts';

/** Uploads rows of an unknown stock and waits until the batch is done. */
async function refusedBatch({ centre, session }: World, sequence: string, rows: number) {
  const file = batchFile(
    Array.from({ length: rows }, () => ({ stock: '99999' })),
    { participant: 'B09901', businessDate: DAY, sequence },
  );
  async function* once() {
    yield file;
  }
  const { service, store } = centre;
  const kept = await service.submitBatch(session('B09901'), once(), CALLER);
  if (isRefusal(kept)) throw new Error(kept.detail.en);
  await service.batches.done(service.batches.underWay());
  const batch = store.books.get('batch', kept.batch.reference);
  if (!batch) throw new Error('the batch is gone');
  return { batch, bytesInBooks: JSON.stringify([batch, ...store.books.outcomesOf(batch.reference)]).length };
}

test('the books do not grow with the refused rows: a batch that is done names one file of them', async () => {
  await using at = await world();
  const small = await refusedBatch(at, '0001', 1);
  const large = await refusedBatch(at, '0002', 5_000);
  expect([small.batch.refused, large.batch.refused]).toEqual([1, 5_000]);
  // Three figures have three more digits.
  expect(large.bytesInBooks - small.bytesInBooks).toBeLessThan(30);
  const file = large.batch.refusedRows;
  const bytes = Buffer.alloc((file?.recordLength ?? 0) * 5_000);
  await at.centre.store.blobs.fill(file?.sha256 ?? '', 0, bytes);
  const lines = bytes.toString('utf8').trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line).row)).toEqual(lines.map((_, row) => row));
  expect(lines).toHaveLength(5_000);
});

test('what one page reads does not depend on how many rows were refused', async () => {
  await using at = await world();
  const { batch } = await refusedBatch(at, '0001', 5_000);
  const { blobs } = at.centre.store;
  const read: number[] = [];
  const fill = blobs.fill.bind(blobs);
  blobs.fill = (sha256, first, into) => {
    read.push(into.length);
    return fill(sha256, first, into);
  };
  const page = await at.centre.service.refusedRows(batch, { limit: 10 });
  if (isRefusal(page)) throw new Error(page.detail.en);
  expect(page.rows.map(({ line }) => line)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  expect(read).toEqual([10 * (batch.refusedRows?.recordLength ?? 0)]);
});
