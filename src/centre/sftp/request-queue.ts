import type { Socket } from 'node:net';
import type { SFTPWrapper } from 'ssh2';
import { windowOf } from './ssh-server.ts';

/** The work that answers a request. */
export type Answer = () => void | Promise<void>;

export interface RequestQueue {
  /** Answers a request after all that came before it. `texts` is the length of the texts in it. */
  add(answer: Answer, texts?: number): void;
  /** Drops what is not answered. */
  end(): void;
}

/** Most bytes that may wait in the socket, so that a client that requests and does not read cannot fill the memory. */
const MAX_BUFFERED_BYTES = 4 * 1024 * 1024;
/** What a request in the queue takes; an estimate, without the texts in it. */
const REQUEST_BYTES = 384;

export interface RequestQueueOptions {
  /** Called with an error that is a bug. */
  readonly failed: (error: unknown) => void;
  /** Called with the bytes that the queue holds more, or less. */
  readonly hold: (bytes: number) => void;
  /** Called when a request waits and none did before. */
  readonly busy: () => void;
  /** Called when no request waits any more. */
  readonly idle: () => void;
}

/**
 * Answers the requests of one SFTP channel in order, no faster than the client receives the answers: clients send
 * thousands of requests ahead, and the answers must not pile up in memory. What a queue holds is given back when it is empty.
 */
export function createRequestQueue(sftp: SFTPWrapper, socket: Socket, options: RequestQueueOptions): RequestQueue {
  const { failed, hold, busy, idle } = options;
  let queue: Answer[] = [];
  let heldBytes = 0;
  let next = 0;
  let running = false;

  const hasCapacity = () => windowOf(sftp) > 0 && socket.writableLength < MAX_BUFFERED_BYTES;

  async function run(): Promise<void> {
    if (running || queue.length === 0) return;
    running = true;
    for (let one = queue[next]; one && hasCapacity() && !socket.destroyed; one = queue[next]) {
      next++;
      try {
        const answered = one();
        if (answered) await answered;
      } catch (error) {
        failed(error);
      }
    }
    running = false;
    if (next < queue.length) return;
    empty();
  }

  function empty(): void {
    queue = [];
    next = 0;
    hold(-heldBytes);
    heldBytes = 0;
    idle();
  }

  // Any data from the client may open its window; ssh2 registered its listener first, so it has read the data already.
  const resume = () => void run();
  socket.on('data', resume);
  socket.on('drain', resume);

  return {
    add(answer, texts = 0) {
      queue.push(answer);
      const bytes = REQUEST_BYTES + 2 * texts;
      heldBytes += bytes;
      hold(bytes);
      if (queue.length === 1) busy();
      void run();
    },
    end() {
      socket.off('data', resume);
      socket.off('drain', resume);
      empty();
    },
  };
}
