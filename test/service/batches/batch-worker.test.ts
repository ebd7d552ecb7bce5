import { expect, test } from 'vitest';
import { isRefusal } from '../../../src/domain/refusal.ts';
import { batchFile } from '../../support/batch-files.ts';
import { CALLER, DAY, type World, world } from '../../support/days/world.ts';

async function upload({ centre, session }: World, sequence: number): Promise<string> {
  const file = batchFile(1, {
    participant: 'B09901',
    businessDate: DAY,
    sequence: String(sequence).padStart(4, '0'),
  });
  async function* once() {
    yield file;
  }
  const kept = await centre.service.submitBatch(session('B09901'), once(), CALLER);
  if (isRefusal(kept)) throw new Error(kept.detail.en);
  return kept.batch.reference;
}

test('a client that uploads without a pause does not get ever further ahead of the worker', async () => {
  await using at = await world();
  for (let n = 1; n <= 60; n++) {
    await upload(at, n);
    expect(at.centre.store.books.unfinishedBatchesOf('B09901').length).toBeLessThan(16);
  }
});

test('done() waits for batches that are under way, and not for those that are uploaded meanwhile', async () => {
  await using at = await world();
  const { batches } = at.centre.service;
  const first = await upload(at, 1);
  const references = batches.underWay();
  expect(references).toEqual([first]);
  let goesOn = true;
  const client = (async () => {
    for (let n = 2; goesOn; n++) await upload(at, n);
  })();
  await batches.done(references);
  expect(at.centre.store.books.get('batch', first)?.status).toBe('processed');
  expect(batches.underWay()).not.toContain(first);
  goesOn = false;
  await client;
  await batches.done(batches.underWay());
  expect(batches.underWay()).toEqual([]);
});
