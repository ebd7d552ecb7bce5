import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addRange, createFileReader } from '../../src/centre/sftp/file-reader.ts';

const MIB = 1024 * 1024;

/** A file in memory, and how often and how much of it was asked for. */
function fileOf(size: number) {
  const bytes = Buffer.alloc(size);
  for (let at = 0; at < size; at += 4) bytes.writeUInt32LE(at, Math.min(at, size - 4));
  const opened: [number, number][] = [];
  const open = (first: number, last: number) => {
    opened.push([first, last]);
    return Readable.from([bytes.subarray(first, last + 1)]);
  };
  return { bytes, opened, reader: createFileReader(size, open) };
}

test('reads of any place and length bring the bytes there; nothing comes from the end on', async () => {
  const size = 3 * MIB + 12_345;
  const { bytes, reader } = fileOf(size);
  await fc.assert(
    fc.asyncProperty(fc.nat(size + 100), fc.nat(300_000), async (offset, length) => {
      const got = await reader.read(offset, length);
      const there = bytes.subarray(offset, offset + length);
      expect(got === null ? there.length : Buffer.compare(got, there)).toBe(0);
    }),
    { numRuns: 200 },
  );
  expect(await reader.read(Number.NaN, 1)).toBeNull();
  expect(await reader.read(2 ** 60, 1)).toBeNull();
});

test('a file that is read in small pieces is opened once a MiB, the next one ahead', async () => {
  const { opened, reader } = fileOf(4 * MIB);
  for (let at = 0; at < 4 * MIB; at += 32_768) {
    expect(reader.isWhole()).toBe(false);
    await reader.read(at, 32_768);
  }
  expect(opened).toEqual([0, 1, 2, 3].map((n) => [n * MIB, (n + 1) * MIB - 1]));
  expect([reader.isWhole(), reader.ranges()]).toEqual([true, [[0, 4 * MIB - 1]]]);
});

test('a read that failed may be tried again', async () => {
  let fails = true;
  const reader = createFileReader(10, () => {
    if (!fails) return Readable.from([Buffer.from('0123456789')]);
    fails = false;
    return new Readable({ read() {} }).destroy(new Error('the disk'));
  });
  await expect(reader.read(0, 10)).rejects.toThrow('the disk');
  expect((await reader.read(2, 3))?.toString()).toBe('234');
});

test('ranges are those of a set of bytes, joined and in order', () => {
  const range = fc.tuple(fc.nat(40), fc.nat(8)).map(([first, more]) => [first, first + more] as const);
  fc.assert(
    fc.property(fc.array(range, { maxLength: 30 }), (added) => {
      const ranges: [number, number][] = [];
      const bytes = new Set<number>();
      for (const [first, last] of added) {
        const before = bytes.size;
        for (let at = first; at <= last; at++) bytes.add(at);
        expect(addRange(ranges, first, last)).toBe(bytes.size - before);
      }
      const told = ranges.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, n) => first + n));
      expect(told).toEqual([...bytes].sort((a, b) => a - b));
      for (const [n, [first]] of ranges.entries())
        if (n > 0) expect(first).toBeGreaterThan((ranges[n - 1]?.[1] ?? 0) + 1);
    }),
  );
});
