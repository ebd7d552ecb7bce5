import type { Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { CentreName } from '../../domain/nouns/market.ts';
import { refusalDetail } from '../../service/access/admission.ts';
import type { Journal } from '../../testbed/journal/journal.ts';
import { closedDetail, connectionHead } from '../connection-entries.ts';
import { createFinishing } from '../finishing.ts';
import type { ConnectionLimits } from '../gatekeeper.ts';
import type { Listener } from '../listener.ts';
import type { Hello } from '../tls/client-hello.ts';
import type { HttpsConnection, HttpsEvent } from './connection.ts';
import { answerDetail, exchangeHead } from './exchange.ts';
import { ServerGuard } from './guard.ts';
import { type AppOptions, buildApp } from './https.ts';
import { answerMarks } from './marks.ts';

export interface HttpsOptions extends Omit<AppOptions, 'marks'> {
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  readonly limits: ConnectionLimits & { readonly firstByteMs?: number | undefined };
}

/**
 * Starts a centre's HTTPS listener. A drain closes idle connections, and those with a request under way after its answer.
 * Rejects with the bind's error.
 */
export async function startHttps(options: HttpsOptions): Promise<Listener> {
  const marks = answerMarks(options.name, options.version, options.clock);
  const app = await buildApp({ ...options, marks });
  const server = app.server as unknown as Server;
  const { journal, name, clock } = options;

  let underWay = 0;
  const finishing = createFinishing(() => underWay);
  const guard = new ServerGuard(server, {
    ...options.limits,
    ...{ handshakeMs: options.timeouts.handshakeMs, marks },
    centre: name,
    now: () => clock.now(),
    wallMs: journal.wallMs,
    note: (event) => noteEvent(journal, name, event),
    requested() {
      underWay++;
    },
    answered(exchange, response) {
      underWay--;
      const detail = answerDetail(exchange, response, journal.wallMs());
      if (detail) journal.note('answer', exchangeHead(name, exchange), detail);
      finishing.done();
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

/** Notes an event of a connection in the journal. */
function noteEvent(journal: Journal, name: CentreName, event: HttpsEvent): void {
  const { connection } = event;
  const { address, port } = connection;
  const head = connectionHead(name, 'https', connection);
  switch (event.kind) {
    case 'connected':
      return;
    case 'handshake': {
      const { protocol: version, cipher, alpn, resumed } = event;
      const agreed = { address, port, version, cipher, ...(alpn !== null && { alpn }), resumed };
      journal.note('secured', head, { ...agreed, ...helloFacts(connection, event.hello) });
      return;
    }
    case 'refused': {
      const { code, cause, remedy } = event;
      journal.note('tls-refused', head, {
        ...{ address, port, code, cause, remedy },
        ...helloFacts(connection, event.hello),
      });
      return;
    }
    case 'unreadable': {
      const { request, status, refusal } = event;
      const verb = { operation: 'unreadable' } as const;
      journal.note('refusal', { ...head, request: request.id }, refusalDetail(refusal, verb));
      // Otherwise the answer is noted when the response of that request closes.
      if (request.isUnderWay) return;
      journal.note(
        'answer',
        { ...head, request: request.id },
        { ...verb, status, code: refusal.refusal, sent: 'all', ms: 0 },
      );
      return;
    }
    case 'closed': {
      const { how, requests } = event;
      const code = connection.refusal === null ? {} : { code: connection.refusal };
      journal.note('closed', head, closedDetail(connection, { how, ...code, requests }));
    }
  }
}

function helloFacts({ firstBytes }: HttpsConnection, hello: Hello | null) {
  const bytes = firstBytes.length === 0 ? {} : { hello: firstBytes.toString('base64') };
  if (!hello) return bytes;
  const { sni, versions, alpn: offeredAlpn } = hello;
  const best = versions.toSorted().at(-1);
  return { versions, ...(best !== undefined && { best }), ...(sni !== null && { sni }), offeredAlpn, ...bytes };
}
