import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Instant } from '../../domain/nouns/market.ts';
import type { Refusal } from '../../domain/refusal.ts';
import { type Hello, readHello } from '../tls/client-hello.ts';
import type { TlsFailure } from '../tls/tls.ts';

/** How a connection came: to the centre's own port, or handed over by the line. */
export type Via = 'direct' | 'line';

/** One raw socket at a centre's door. */
export interface Connection {
  /** Counts from 1 at each doorway. */
  readonly number: number;
  readonly via: Via;
  /** The client's address; IPv4 is written as such on a dual-stack listener too. */
  readonly address: string;
  readonly port: number;
  readonly since: Instant;
}

/** What a doorway saw, in order per connection: connected, then handshake or refused, then closed. */
export type DoorwayEvent =
  | { readonly kind: 'connected'; readonly connection: Connection }
  | {
      readonly kind: 'handshake';
      readonly connection: Connection;
      readonly protocol: string;
      /** OpenSSL's name of the suite. */
      readonly cipher: string;
      /** The application protocol agreed on, or null if the client offered none. */
      readonly alpn: string | null;
      readonly resumed: boolean;
      readonly hello: Hello | null;
    }
  | ({ readonly kind: 'refused'; readonly connection: Connection; readonly hello: Hello | null } & TlsFailure)
  | {
      /** A request that could not be read (HTTP, inside TLS), and how it was answered. */
      readonly kind: 'unreadable';
      readonly connection: Connection;
      /** Node's, such as ERR_HTTP_REQUEST_TIMEOUT or HPE_INVALID_METHOD. */
      readonly code: string;
      readonly status: number;
      readonly refusal: Refusal;
    }
  | {
      readonly kind: 'closed';
      readonly connection: Connection;
      /** `refused`: there was no handshake. `cut`: by us, in a fail-over. `reset`: by the client. */
      readonly how: 'closed' | 'reset' | 'refused' | 'cut';
      readonly secured: boolean;
      /** Requests that reached the server: 0 on a secured connection often means that the client distrusts the CA. */
      readonly requests: number;
    };

/** What a doorway remembers of a connection while it is open. */
export interface Visit {
  readonly connection: Connection;
  readonly raw: Socket;
  /** Once the handshake is done. */
  secured: TLSSocket | null;
  phase: 'handshake' | 'secured' | 'refused';
  /** The bytes that the hello is read from, once somebody asks. */
  opening: Buffer;
  hello: Hello | null | undefined;
  /** The answer under way, or the last one. */
  response: ServerResponse | null;
  requests: number;
  /** Times that an unreadable request was seen; the first is answered. */
  unreadable: number;
  reset: boolean;
  cut: boolean;
  leaving: boolean;
}

const visits = new WeakMap<object, Visit>();

export function openVisit(connection: Connection, raw: Socket): Visit {
  const visit: Visit = {
    connection,
    raw,
    secured: null,
    phase: 'handshake',
    opening: Buffer.alloc(0),
    hello: undefined,
    response: null,
    requests: 0,
    unreadable: 0,
    reset: false,
    cut: false,
    leaving: false,
  };
  visits.set(raw, visit);
  return visit;
}

/**
 * The visit that a raw or TLS socket belongs to. A TLS socket's raw socket has no public name; Node calls it `_parent`
 * in every version so far, and the doorway's tests fail where it does not.
 */
export function visitOf(socket: object): Visit | undefined {
  const known = visits.get(socket);
  if (known !== undefined || !('_parent' in socket)) return known;
  const below = socket._parent;
  const visit = typeof below === 'object' && below !== null ? visits.get(below) : undefined;
  if (visit !== undefined) visits.set(socket, visit);
  return visit;
}

/** What the client of this socket (raw, or a request's) offered; null if that is unknown or was not a whole ClientHello. */
export function helloOf(socket: Socket): Hello | null {
  const visit = visitOf(socket);
  if (visit === undefined) return null;
  if (visit.hello === undefined && visit.opening.length > 0) {
    visit.hello = readHello(visit.opening);
    visit.opening = Buffer.alloc(0);
  }
  return visit.hello ?? null;
}
