import { type AddressInfo, createServer, type Socket } from 'node:net';
import { type Arrival, arrivalOf } from '../domain/access/arrival.ts';
import type { Protocol } from '../domain/access/protocol.ts';

/** Where the line hands a connection: a centre's listener for that protocol. */
interface LineTarget {
  accept(arrival: Arrival<Socket>): void;
}

export interface LineOptions {
  readonly protocol: Protocol;
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  /** Called once per connection: returns the listener of the active centre. */
  readonly target: () => LineTarget;
  /** Connections that the kernel may hold until they are accepted. Default 511. */
  readonly backlog?: number;
  /**
   * Called when a connection fails: accept failed, such as with EMFILE (no file descriptors left), or a listener threw.
   * The line goes on.
   */
  readonly note?: (error: unknown) => void;
}

export interface Line {
  readonly host: string;
  /** The port that was bound. */
  readonly port: number;
  /**
   * Stops accepting and frees the port; resolves at once after that. Connections handed over belong to their
   * centre and stay.
   */
  stop(): Promise<void>;
}

/**
 * One address that never changes. It hands each connection unread to the current target, so the client sees by the
 * certificate (or host key) which centre answers. A switch only changes what `target` returns.
 * Rejects with the bind's error (EADDRINUSE, EACCES).
 */
export async function startLine(options: LineOptions): Promise<Line> {
  // Half-open, so that a client that closes after sending still gets its answer; a listener may decide otherwise.
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    // Until its listener handles errors, a reset must not end the process.
    socket.on('error', () => undefined);
    const arrival = arrivalOf(socket, options.protocol, 'line');
    if (arrival === null) {
      socket.destroy();
      return;
    }
    try {
      options.target().accept(arrival);
    } catch (error) {
      socket.destroy();
      options.note?.(error);
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: options.host, port: options.port, backlog: options.backlog ?? 511 }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  server.on('error', (error) => options.note?.(error));
  const { address, port } = server.address() as AddressInfo;

  let stopped = false;
  return {
    host: address,
    port,
    stop() {
      // Not awaited: close() waits for every connection handed over, but frees the port at once.
      if (!stopped) server.close();
      stopped = true;
      return Promise.resolve();
    },
  };
}
