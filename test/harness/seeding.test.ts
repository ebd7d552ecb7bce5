import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { seedInstructions } from '../../src/harness/seeding.ts';
import { generateMarket } from '../../src/loading/generate/generate.ts';
import { loadFixtures } from '../../src/loading/loading.ts';
import { seedChanges } from '../../src/loading/seed.ts';
import { MemoryBlobs } from '../../src/store/blobs/memory-blobs.ts';
import { createMemoryLog } from '../../src/store/log/memory-log.ts';
import { openStore } from '../../src/store/store.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seeding-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function centres(instructions: number) {
  const size = { participants: 6, stocks: 60, instructions, date: '2021-07-26' };
  await generateMarket({ ...size, seed: 1, folder, force: true, password: 'Secret-1', onShare: () => undefined });
  const fixtures = await loadFixtures({ market: folder });
  if (!fixtures.instructions) throw new Error('no instructions');
  const open = () => openStore({ log: createMemoryLog(), blobs: new MemoryBlobs(), clock: { now: () => 7 } });
  const [active, other] = [await open(), await open()];
  await other.applyCommits([await active.openEpoch(1, 'primary', seedChanges(fixtures, 7))]);
  return { active, other, file: fixtures.instructions };
}

test('both centres hold the same rows, in commits of bounded size', async () => {
  const { active, other, file } = await centres(9_000);
  const told: number[] = [];
  await seedInstructions({ active, other }, file, 7, (share) => told.push(share));
  expect(active.books.size('instruction')).toBe(9_000);
  expect(active.books.counter('instruction')).toBe(9_001);
  expect(other.books.digest()).toBe(active.books.digest());
  expect(other.books.get('instruction', 'D00009000')).toBe(active.books.get('instruction', 'D00009000'));
  for await (const { changes, opens } of active.since(0)) if (!opens) expect(changes.length).toBeLessThanOrEqual(4_097);
  expect(told.at(-1)).toBe(1);
  expect(told).toEqual(told.toSorted((a, b) => a - b));
});

test('seeding resumes after an interruption', async () => {
  const { active, other, file } = await centres(9_000);
  const breaks = (share: number) => {
    if (share > 0) throw new Error('broken off');
  };
  await expect(seedInstructions({ active, other }, file, 7, breaks)).rejects.toThrow('broken off');
  expect(active.books.size('instruction')).toBe(4_096);
  await seedInstructions({ active, other }, file, 7, () => undefined);
  const { active: whole, other: twin, file: same } = await centres(9_000);
  await seedInstructions({ active: whole, other: twin }, same, 7, () => undefined);
  expect(other.books.digest()).toBe(whole.books.digest());
});
