import type { Socket } from 'node:net';
import type { SFTPWrapper } from 'ssh2';
import { STATUS } from './sftp-status.ts';
import { windowOf } from './ssh-server.ts';

export interface QueuedRead {
  readonly id: number;
  readonly length: number;
  /** At most `most` bytes; null at the file's end. */
  read(most: number): Promise<Buffer | null>;
}

/** Most bytes in one answer: OpenSSH accepts packets of 256 KiB, ssh2 requests no more than it accepts. */
const MAX_BYTES = 255 * 1024;
/** Most bytes that may wait in the socket, so that a client that requests and does not read cannot fill the memory. */
const MAX_BUFFERED_BYTES = 4 * 1024 * 1024;
/** Most requests in the queue; no client requests so far ahead. */
const MAX_QUEUED = 100_000;

/**
 * Answers reads in order, no faster than the client receives them: clients request thousands of reads ahead, and the
 * answers must not pile up in memory.
 */
export function createReadQueue(
  sftp: SFTPWrapper,
  socket: Socket,
  { failed, packetSent }: { failed: (error: unknown) => void; packetSent: (bytes: number) => void },
) {
  let queue: QueuedRead[] = [];
  let next = 0;
  let running = false;

  const hasCapacity = () => windowOf(sftp) > 0 && socket.writableLength < MAX_BUFFERED_BYTES;

  async function run(): Promise<void> {
    if (running) return;
    running = true;
    try {
      for (let one = queue[next]; one && hasCapacity() && !socket.destroyed; one = queue[next]) {
        next++;
        await answer(one);
      }
    } finally {
      running = false;
      if (next === queue.length) {
        queue = [];
        next = 0;
      }
    }
  }

  async function answer({ id, read }: QueuedRead): Promise<void> {
    try {
      const bytes = await read(MAX_BYTES);
      if (bytes) {
        sftp.data(id, bytes);
        packetSent(bytes.length);
      } else sftp.status(id, STATUS.EOF);
    } catch (error) {
      failed(error);
      sftp.status(id, STATUS.FAILURE, 'The file could not be read; the log of ccass-harness says why.');
    }
  }

  // Any data from the client may open its window; ssh2 registered its listener first, so it has read the data already.
  const resume = () => void run();
  socket.on('data', resume);
  socket.on('drain', resume);

  return {
    add(read: QueuedRead): void {
      if (queue.length - next >= MAX_QUEUED) {
        socket.destroy();
        return;
      }
      queue.push(read);
      void run();
    },
    end(): void {
      socket.off('data', resume);
      socket.off('drain', resume);
      queue = [];
      next = 0;
    },
  };
}
