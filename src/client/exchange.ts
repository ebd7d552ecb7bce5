import type { IncomingHttpHeaders } from 'node:http';
import { Agent, request } from 'node:https';
import { TLSSocket } from 'node:tls';
import type { CentreName } from '../domain/nouns/market.ts';

/** Which centre answered, by its certificate and by its answer. */
export interface AnsweredBy {
  /** The certificate's common name, such as `backup.ccass.harness.test`. */
  readonly certificate: string;
  /** The header x-data-centre; null if there is none. */
  readonly centre: CentreName | null;
}

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** How often the request is sent if its connection breaks; more than once only if sending it twice does no harm. */
  readonly attempts: number;
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly by: AnsweredBy;
  /** How often the request was sent before it was answered. */
  readonly attempts: number;
}

/** The connection broke at each attempt, before the whole answer was here. */
export class ConnectionCut extends Error {
  constructor(url: string, attempts: number, cause: NodeJS.ErrnoException) {
    super(
      `${url} cut the connection ${attempts} times (${cause.code}): check that it is up, then send the request again`,
      {
        cause,
      },
    );
    this.name = 'ConnectionCut';
  }
}

/** Node's error codes for a connection that broke during a request. */
const BROKEN = new Set(['ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT']);
/** Wall milliseconds without a byte in either direction. */
const SILENCE_MS = 30_000;

export interface Exchange {
  /** @throws ConnectionCut, or Node's error for a wrong address, name or certificate. */
  send(request: HttpRequest): Promise<Reply>;
  /** The next request opens a new connection. */
  reconnect(): void;
  close(): void;
}

/** HTTPS requests to one address that never changes, over its own keep-alive connections; only `ca` (PEM) is trusted. */
export function openExchange(url: string, ca: string): Exchange {
  const base = url.replace(/\/+$/, '');
  const newAgent = () => new Agent({ keepAlive: true, ca, timeout: SILENCE_MS });
  let agent = newAgent();
  /** Noted while a connection is open: a closed one no longer has a certificate. */
  const names = new WeakMap<object, string>();

  function once({ method, path, headers, body }: HttpRequest): Promise<Omit<Reply, 'attempts'>> {
    return new Promise((resolve, reject) => {
      const length = body ? { 'content-length': body.length } : {};
      const outgoing = request(base + path, { method, agent, headers: { ...headers, ...length } }, (incoming) => {
        const by = { certificate: names.get(incoming.socket) ?? '', centre: centreOf(incoming.headers) };
        const pieces: Buffer[] = [];
        incoming.on('data', (piece: Buffer) => pieces.push(piece));
        incoming.on('error', reject);
        incoming.on('end', () =>
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: Buffer.concat(pieces), by }),
        );
      });
      outgoing.on('socket', (socket) => {
        const note = () => names.set(socket, commonName(socket));
        if (!names.has(socket)) socket.once('secureConnect', note);
      });
      outgoing.on('error', reject);
      outgoing.on('timeout', () =>
        outgoing.destroy(Object.assign(new Error(`no byte for ${SILENCE_MS} ms`), { code: 'ETIMEDOUT' })),
      );
      outgoing.end(body);
    });
  }

  return {
    async send(request) {
      for (let attempts = 1; ; attempts++) {
        try {
          return { ...(await once(request)), attempts };
        } catch (error) {
          if (!isBroken(error)) throw error;
          if (attempts >= request.attempts) throw new ConnectionCut(base, attempts, error);
        }
      }
    },
    reconnect() {
      agent.destroy();
      agent = newAgent();
    },
    close: () => agent.destroy(),
  };
}

function isBroken(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && BROKEN.has(String(error.code));
}

function commonName(socket: unknown): string {
  const name = socket instanceof TLSSocket ? socket.getPeerCertificate()?.subject?.CN : undefined;
  return (Array.isArray(name) ? name[0] : name) ?? '';
}

function centreOf(headers: IncomingHttpHeaders): CentreName | null {
  const centre = headers['x-data-centre'];
  return centre === 'primary' || centre === 'backup' ? centre : null;
}
