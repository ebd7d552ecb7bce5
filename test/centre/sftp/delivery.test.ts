import type { Socket } from 'node:net';
import fc from 'fast-check';
import type { SFTPWrapper } from 'ssh2';
import { expect, test } from 'vitest';
import { ByteRanges } from '../../../src/centre/sftp/byte-ranges.ts';
import { createDelivery } from '../../../src/centre/sftp/delivery.ts';

/** A channel whose window and socket keep as many bytes as the test says. */
function channel() {
  const flushes: (() => void)[] = [];
  const socket = {
    writableLength: 0,
    destroyed: false,
    write: (_bytes: string, done: () => void) => void flushes.push(done),
  };
  const sftp = { _buffer: [] as Buffer[] };
  return {
    sftp,
    socket,
    flushes,
    delivery: createDelivery(sftp as unknown as SFTPWrapper, socket as unknown as Socket),
  };
}

test('bytes that wait for the window of the client are not taken', () => {
  const { sftp, delivery } = channel();
  const taken = new ByteRanges();
  delivery.sent(taken, 0, 1000);
  sftp._buffer.push(Buffer.alloc(400));
  delivery.sent(taken, 1000, 1000);
  delivery.settle();
  expect(taken.pairs).toEqual([[0, 999]]);
  sftp._buffer.pop();
  delivery.settle();
  expect(taken.pairs).toEqual([[0, 1999]]);
});

test('bytes that wait in the socket are not taken, and those of another file before them are', async () => {
  const { socket, flushes, delivery } = channel();
  const [first, second] = [new ByteRanges(), new ByteRanges()];
  socket.writableLength = 1100;
  delivery.sent(first, 0, 1000);
  expect(first.pairs).toEqual([]);
  delivery.sent(second, 50, 1100);
  expect([first.pairs, second.pairs]).toEqual([[[0, 999]], []]);
  const flushed = delivery.flushed();
  socket.writableLength = 0;
  for (const done of flushes) done();
  await flushed;
  expect(second.pairs).toEqual([[50, 1149]]);
});

test('ranges are those of a set of bytes, merged and in order', () => {
  const range = fc.tuple(fc.nat(40), fc.nat(8)).map(([first, more]) => [first, first + more] as const);
  fc.assert(
    fc.property(fc.array(range, { maxLength: 30 }), (added) => {
      const ranges = new ByteRanges();
      const bytes = new Set<number>();
      for (const [first, last] of added) {
        for (let at = first; at <= last; at++) bytes.add(at);
        ranges.add(first, last);
      }
      const { pairs } = ranges;
      const listed = pairs.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, n) => first + n));
      expect(listed).toEqual([...bytes].sort((a, b) => a - b));
      for (const [n, [first]] of pairs.entries()) {
        if (n > 0) expect(first).toBeGreaterThan((pairs[n - 1]?.[1] ?? 0) + 1);
      }
    }),
  );
});
