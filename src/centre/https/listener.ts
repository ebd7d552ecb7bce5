import type { Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createFinishing } from '../finishing.ts';
import type { ConnectionLimits } from '../gatekeeper.ts';
import type { Listener } from '../listener.ts';
import type { HttpsEvent } from './connection.ts';
import { ServerGuard } from './guard.ts';
import { type AppOptions, buildApp } from './https.ts';

export interface HttpsOptions extends AppOptions {
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  readonly limits: ConnectionLimits & { readonly firstByteMs?: number | undefined };
}

/**
 * Lets a centre listen for HTTPS. A drain closes idle connections, and those with a request under way after its answer.
 * Rejects with the bind's error.
 */
export async function startHttps(options: HttpsOptions): Promise<Listener> {
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
  const guard = new ServerGuard(server, {
    ...options.limits,
    centre: name,
    now: () => clock.now(),
    note: (event) => {
      const entry = journalled(event);
      if (entry) journal.note({ ...entry, centre: name });
    },
  });
  await app.listen({ host: options.host, port: options.port });
  const { port } = server.address() as AddressInfo;

  return {
    protocol: 'https',
    port,
    accept: (arrival) => guard.accept(arrival),
    connections: () => guard.size(),
    drain: () => guard.drain(),
    cut: () => guard.cut(),
    finished: finishing.finished,
    async retire(deadlineMs) {
      server.close();
      await guard.drain();
      await finishing.finished(deadlineMs);
    },
    async stop() {
      guard.cut();
      await app.close();
    },
  };
}

/** The events that are worth an entry: handshakes, refusals, and ends that were not the client's quiet close. */
function journalled(event: HttpsEvent) {
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

function helloFacts(hello: Extract<HttpsEvent, { kind: 'handshake' }>['hello']) {
  return hello && { serverName: hello.sni, versions: hello.versions, alpn: hello.alpn };
}
