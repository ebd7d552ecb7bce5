import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createFileReader } from '../../../src/centre/sftp/file-reader.ts';
import { createMemoryBudgets } from '../../../src/centre/sftp/memory-budget.ts';

const MIB = 1024 * 1024;
const memory = (bytes = 4 * MIB) =>
  createMemoryBudgets({ connectionBytes: bytes, userBytes: bytes }).open(() => undefined);

/** A file in memory, with the reads that were made of it. */
function fileOf(size: number) {
  const bytes = Buffer.alloc(size);
  for (let at = 0; at < size; at += 4) bytes.writeUInt32LE(at, Math.min(at, size - 4));
  const filled: [number, number][] = [];
  const fill = async (first: number, into: Buffer) => {
    filled.push([first, into.length]);
    // As a disk does: takes its time, and may finish after a later read.
    for (let turns = filled.length % 2 ? 1 : 5; turns > 0; turns--) await setImmediate();
    bytes.copy(into, 0, first, first + into.length);
  };
  return { bytes, filled, reader: createFileReader(size, fill, memory()) };
}

test('reads at any offset and of any length return the bytes there; null from the end on', async () => {
  const size = 3 * MIB + 12_345;
  const { bytes, reader } = fileOf(size);
  await fc.assert(
    fc.asyncProperty(fc.nat(size + 100), fc.nat(300_000), async (offset, length) => {
      reader.done();
      const got = await reader.read(offset, length);
      const there = bytes.subarray(offset, offset + length);
      expect(got === null ? there.length : Buffer.compare(got, there)).toBe(0);
    }),
    { numRuns: 200 },
  );
  expect(await reader.read(Number.NaN, 1)).toBeNull();
  expect(await reader.read(2 ** 60, 1)).toBeNull();
});

test('a file that is read in small pieces is fetched once, a MiB at a time, one block ahead', async () => {
  const { filled, reader } = fileOf(4 * MIB);
  for (let at = 0; at < 4 * MIB; at += 32_768) {
    await reader.read(at, 32_768);
    reader.done();
  }
  expect(filled).toEqual([0, 1, 2, 3].map((n) => [n * MIB, MIB]));
});

test('a jump into a block that is being fetched waits for it, and returns the bytes at its own offset', async () => {
  const { bytes, filled, reader } = fileOf(6 * MIB);
  await reader.read(0, 100);
  for (const offset of [3 * MIB + 7, 5 * MIB - 50, 100, MIB]) {
    expect(await reader.read(offset, 100)).toEqual(bytes.subarray(offset, offset + 100));
    for (let turns = 10; turns > 0; turns--) await setImmediate();
    expect(await reader.read(offset + 1, 100)).toEqual(bytes.subarray(offset + 1, offset + 101));
  }
  expect(filled.slice(0, 3).map(([first]) => first / MIB)).toEqual([0, 1, 3]);
});

test('a failed read may be retried', async () => {
  let fails = true;
  const reader = createFileReader(
    10,
    async (_first, into) => {
      if (fails) {
        fails = false;
        throw new Error('the disk');
      }
      into.write('0123456789');
    },
    memory(),
  );
  await expect(reader.read(0, 10)).rejects.toThrow('the disk');
  expect((await reader.read(2, 3))?.toString()).toBe('234');
});

test('many files that are read a little share the budget: idle blocks go back, and the bytes stay right', async () => {
  const use = memory(3 * MIB);
  const size = 4 * MIB;
  const content = fileOf(size).bytes;
  const fill = async (first: number, into: Buffer) => void content.copy(into, 0, first, first + into.length);
  const readers = Array.from({ length: 100 }, () => createFileReader(size, fill, use));
  for (const offset of [0, 1, 2 * MIB, 4 * MIB - 1]) {
    for (const reader of readers) {
      expect(await reader.read(offset, 1)).toEqual(content.subarray(offset, offset + 1));
      expect(use.isOver()).toBe(false);
      reader.done();
    }
  }
  // None to be had: the bytes are read without one.
  const pinned = await Promise.all(readers.slice(0, 10).map((reader) => reader.read(MIB, 8)));
  expect(pinned.map((bytes) => bytes?.equals(content.subarray(MIB, MIB + 8)))).toEqual(Array(10).fill(true));
  expect(use.isOver()).toBe(false);
});
