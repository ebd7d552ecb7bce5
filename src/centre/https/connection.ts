import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { JournalDetails } from '../../domain/journal/journal.ts';
import type { TlsRefusal } from '../../domain/journal/kinds/connections.ts';
import type { Refusal } from '../../domain/refusal.ts';
import type { Connection } from '../gatekeeper.ts';
import { type Hello, readHello } from '../tls/client-hello.ts';
import type { TlsFailure } from '../tls/tls.ts';

/** What the HTTPS listener saw, in order per connection: connected, then handshake or refused, then closed. */
export type HttpsEvent =
  | { readonly kind: 'connected'; readonly connection: HttpsConnection }
  | {
      readonly kind: 'handshake';
      readonly connection: HttpsConnection;
      readonly protocol: string;
      /** OpenSSL's name of the suite. */
      readonly cipher: string;
      /** The application protocol agreed on, or null if the client offered none. */
      readonly alpn: string | null;
      readonly resumed: boolean;
      readonly hello: Hello | null;
    }
  | ({ readonly kind: 'refused'; readonly connection: HttpsConnection; readonly hello: Hello | null } & TlsFailure)
  | {
      /** A request that could not be read (HTTP, inside TLS), and how it was answered. */
      readonly kind: 'unreadable';
      readonly connection: HttpsConnection;
      readonly request: {
        readonly id: string;
        /** It reached the server and then broke off: its response has yet to close. */
        readonly isUnderWay: boolean;
      };
      readonly status: number;
      readonly refusal: Refusal;
    }
  | {
      readonly kind: 'closed';
      readonly connection: HttpsConnection;
      readonly how: JournalDetails['closed']['how'];
      readonly secured: boolean;
      /** Requests that reached the server: 0 on a secured connection often means that the client does not trust the CA. */
      readonly requests: number;
    };

export interface HttpsConnection extends Connection {
  /** Once the handshake is done. */
  secured: TLSSocket | null;
  phase: 'handshake' | 'secured' | 'refused';
  /** The ClientHello is parsed from these bytes when it is first needed. */
  firstBytes: Buffer;
  hello: Hello | null | undefined;
  /** Why the handshake failed. */
  refusal: TlsRefusal | null;
  /** The answer under way, or the last one. */
  response: ServerResponse | null;
  requests: number;
  /** Times that an unreadable request was seen; the first is answered. */
  unreadable: number;
  reset: boolean;
  cut: boolean;
  leaving: boolean;
  /** Closed for want of a request within the time limit. */
  idle: boolean;
}

const connections = new WeakMap<object, HttpsConnection>();

export function newHttpsConnection(accepted: Connection): HttpsConnection {
  const connection: HttpsConnection = {
    ...accepted,
    secured: null,
    phase: 'handshake',
    firstBytes: Buffer.alloc(0),
    hello: undefined,
    refusal: null,
    response: null,
    requests: 0,
    unreadable: 0,
    reset: false,
    cut: false,
    leaving: false,
    idle: false,
  };
  connections.set(accepted.raw, connection);
  return connection;
}

/**
 * The connection that a raw or TLS socket belongs to. Node has no public way from a TLS socket to the socket below it
 * (a failed handshake has the TLS socket alone). Every version so far calls that socket `_parent`; the listener's tests
 * fail where one does not. Only this function reads it, once per TLS socket.
 */
export function httpsConnectionOf(socket: object): HttpsConnection | undefined {
  const known = connections.get(socket);
  if (known !== undefined || !('_parent' in socket)) return known;
  const parent = socket._parent;
  const connection = typeof parent === 'object' && parent !== null ? connections.get(parent) : undefined;
  if (connection !== undefined) connections.set(socket, connection);
  return connection;
}

/** The ClientHello of this socket (raw, or a request's); null if it is unknown or incomplete. */
export function helloOf(socket: Socket): Hello | null {
  const connection = httpsConnectionOf(socket);
  if (connection === undefined) return null;
  if (connection.hello === undefined && connection.firstBytes.length > 0) {
    connection.hello = readHello(connection.firstBytes);
  }
  return connection.hello ?? null;
}
