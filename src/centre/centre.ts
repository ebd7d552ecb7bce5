import type { Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { createFinishing } from './finishing.ts';
import type { DoorwayEvent } from './https/connection.ts';
import { type AppOptions, buildApp } from './https/https.ts';
import { installDoorway } from './https/listener.ts';

export interface CentreOptions extends AppOptions {
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  readonly doorway?: {
    readonly firstByteTimeoutMs?: number;
    readonly connectionsPerAddress?: number;
    readonly handshakesPerAddress?: number;
  };
}

/** One data centre, listening. */
export interface Centre {
  readonly port: number;
  /** Takes a raw socket that the line accepted. */
  accept(socket: Socket, via: 'line'): void;
  connections(): number;
  /** Idle connections close, those with a request under way close after its answer. */
  drain(): Promise<void>;
  /** Every connection is reset. */
  cut(): void;
  /** Resolves when no request is being answered, or after `deadlineMs` of wall time. */
  finished(deadlineMs: number): Promise<void>;
  /** Takes no more connections, and lets the requests under way be answered, for `deadlineMs` of wall time at most. */
  retire(deadlineMs: number): Promise<void>;
  stop(): Promise<void>;
}

/** Builds the centre's face and lets it listen on its own port. Rejects with the bind's error. */
export async function startCentre(options: CentreOptions): Promise<Centre> {
  const app = await buildApp(options);
  const server = app.server as unknown as Server;
  const { journal, name, clock } = options;

  let underWay = 0;
  const finishing = createFinishing(() => underWay);
  server.on('request', (_request, response) => {
    underWay++;
    response.once('close', () => {
      underWay--;
      finishing.done();
    });
  });
  const doorway = installDoorway(server, {
    ...options.doorway,
    now: () => clock.now(),
    note: (event) => {
      const entry = journalled(event);
      if (entry) journal.note({ ...entry, centre: name });
    },
  });
  await app.listen({ host: options.host, port: options.port });
  const { port } = server.address() as AddressInfo;

  return {
    port,
    accept: (socket, via) => doorway.accept(socket, via),
    connections: () => doorway.size(),
    drain: () => doorway.drain(),
    cut: () => doorway.cut(),
    finished: finishing.finished,
    async retire(deadlineMs) {
      server.close();
      await doorway.drain();
      await finishing.finished(deadlineMs);
    },
    async stop() {
      doorway.cut();
      await app.close();
    },
  };
}

/** What of the doorway's events is worth an entry: handshakes, refusals, and ends that were not the client's quiet close. */
function journalled(event: DoorwayEvent) {
  const { number, via, address, port } = event.connection;
  const from = { connection: number, via, address, port };
  switch (event.kind) {
    case 'connected':
      return null;
    case 'handshake': {
      const { protocol, cipher, alpn, resumed, hello } = event;
      return {
        kind: 'connection',
        detail: { ...from, event: 'handshake', protocol, cipher, alpn, resumed, hello: helloFacts(hello) },
      } as const;
    }
    case 'refused': {
      const { code, cause, remedy, hello } = event;
      return { kind: 'tls-refused', detail: { ...from, code, cause, remedy, hello: helloFacts(hello) } } as const;
    }
    case 'unreadable':
      return {
        kind: 'refusal',
        detail: { ...from, code: event.code, status: event.status, says: event.refusal.detail.en },
      } as const;
    case 'closed':
      if (event.how === 'closed' || event.how === 'refused') return null;
      return { kind: 'connection', detail: { ...from, event: event.how, requests: event.requests } } as const;
  }
}

function helloFacts(hello: Extract<DoorwayEvent, { kind: 'handshake' }>['hello']) {
  return hello && { serverName: hello.sni, versions: hello.versions, alpn: hello.alpn };
}
