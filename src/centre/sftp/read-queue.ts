import type { Socket } from 'node:net';
import type { SFTPWrapper } from 'ssh2';
import { STATUS } from './sftp-status.ts';
import { windowOf } from './ssh-server.ts';

export interface QueuedRead {
  readonly id: number;
  readonly length: number;
  /** The bytes, at most `most` of them; null at the file's end. */
  read(most: number): Promise<Buffer | null>;
}

/** What a client may be answered at once: OpenSSH takes 256 KiB in a packet, ssh2 asks for no more than it takes. */
const MOST_BYTES = 255 * 1024;
/** What may wait in the socket; beyond it a client that asks and does not read would fill the memory. */
const MOST_WAITING_BYTES = 4 * 1024 * 1024;
/** Requests that may wait for their turn; no client asks so far ahead. */
const MOST_QUEUED = 100_000;

/**
 * Answers reads in the order in which they came, as fast as the client takes them and no faster: clients ask far ahead,
 * some thousands of reads, and what they have not taken must not be held in memory.
 */
export function createReadQueue(
  sftp: SFTPWrapper,
  socket: Socket,
  { failed, packetSent }: { failed: (error: unknown) => void; packetSent: (bytes: number) => void },
) {
  let queue: QueuedRead[] = [];
  let next = 0;
  let running = false;

  const hasRoom = () => windowOf(sftp) > 0 && socket.writableLength < MOST_WAITING_BYTES;

  async function run(): Promise<void> {
    if (running) return;
    running = true;
    try {
      for (let one = queue[next]; one && hasRoom() && !socket.destroyed; one = queue[next]) {
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
      const bytes = await read(MOST_BYTES);
      if (bytes) {
        sftp.data(id, bytes);
        packetSent(bytes.length);
      } else sftp.status(id, STATUS.EOF);
    } catch (error) {
      failed(error);
      sftp.status(id, STATUS.FAILURE, 'The file could not be read; the log of ccass-harness says why.');
    }
  }

  // Whatever comes from the client may open its window; ours is the later listener, so ssh2 has read it already.
  const goOn = () => void run();
  socket.on('data', goOn);
  socket.on('drain', goOn);

  return {
    add(read: QueuedRead): void {
      if (queue.length - next >= MOST_QUEUED) {
        socket.destroy();
        return;
      }
      queue.push(read);
      void run();
    },
    end(): void {
      socket.off('data', goOn);
      socket.off('drain', goOn);
      queue = [];
      next = 0;
    },
  };
}
