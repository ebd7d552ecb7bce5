import type { Socket } from 'node:net';
import type { SFTPWrapper } from 'ssh2';
import type { ByteRanges } from './byte-ranges.ts';
import { unsentOf } from './ssh-server.ts';

export interface Delivery {
  /** Call it once an answer with these bytes is queued. They count as `taken` when they have left the process. */
  sent(taken: ByteRanges, first: number, length: number): void;
  /** Counts what has left by now. */
  settle(): void;
  /** Resolves when everything sent so far has left or the connection is gone; `settle` then counts it. */
  flushed(): Promise<void>;
}

interface Sent {
  readonly taken: ByteRanges;
  readonly first: number;
  readonly length: number;
  /** Payload bytes sent on this channel up to this answer. */
  readonly total: number;
}

/**
 * Follows the answers of one SFTP channel until the client's window has taken them and the socket has passed them on: only
 * then has a file been sent. ssh2 takes any amount and keeps it.
 */
export function createDelivery(sftp: SFTPWrapper, socket: Socket): Delivery {
  let total = 0;
  let waiting: Sent[] = [];

  function settle(): void {
    // What waits is the end of what was written, and with its overhead is longer than the payload in it. So an answer
    // has left once as much payload came after it as waits.
    const unsent = socket.writableLength + unsentOf(sftp);
    let left = 0;
    for (let one = waiting[left]; one && total - one.total >= unsent; one = waiting[++left]) {
      one.taken.add(one.first, one.first + one.length - 1);
    }
    if (left === waiting.length) waiting = [];
    else if (left > 0) waiting.splice(0, left);
  }

  return {
    sent(taken, first, length) {
      total += length;
      waiting.push({ taken, first, length, total });
      settle();
    },
    settle,
    async flushed() {
      settle();
      if (waiting.length === 0 || socket.destroyed) return;
      await new Promise<void>((resolve) => socket.write('', () => resolve()));
      settle();
    },
  };
}
