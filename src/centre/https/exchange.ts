import type { IncomingMessage, ServerResponse } from 'node:http';
import type { JournalDetails, JournalWho } from '../../domain/journal/journal.ts';
import type { JournalOperation } from '../../domain/journal/kinds/requests.ts';
import { clientText, msBetween } from '../../domain/journal/shape.ts';
import type { CentreName, ServiceName } from '../../domain/nouns/market.ts';
import type { RefusalCode } from '../../domain/refusal.ts';
import type { Session } from '../../service/access/sessions.ts';
import type { HttpsConnection } from './connection.ts';

/** One HTTP request and its answer. Its handlers fill in what the journal's `answer` entry says at the end. */
export interface Exchange {
  readonly connection: HttpsConnection;
  /** Unique in the harness, such as `p-https-3.7`. */
  readonly id: string;
  readonly startedWallMs: number;
  /** Bytes of the connection that earlier answers took. */
  readonly bytesBefore: number;
  service: ServiceName | null;
  /** Null for requests that browsers and load balancers make without a user, such as an API page; they get no `answer`. */
  operation: JournalOperation | null;
  what: string | null;
  /** Path parameters: what the request is about. */
  params: object | null;
  rows: number | null;
  session: Session | null;
  code: RefusalCode | null;
  /** Status of an answer that was written to the socket, not through the response. */
  earlyStatus: number | null;
}

/** Stored on the request itself: a WeakMap would cost more than everything else here. */
const EXCHANGE = Symbol('exchange');
declare module 'node:http' {
  interface IncomingMessage {
    [EXCHANGE]?: Exchange;
  }
}

export function beginExchange(request: IncomingMessage, connection: HttpsConnection, wallMs: number): Exchange {
  const exchange: Exchange = {
    connection,
    id: `${connection.id}.${connection.requests}`,
    startedWallMs: wallMs,
    bytesBefore: connection.secured?.bytesWritten ?? 0,
    service: null,
    operation: null,
    what: null,
    params: null,
    rows: null,
    session: null,
    code: null,
    earlyStatus: null,
  };
  request[EXCHANGE] = exchange;
  return exchange;
}

/** Undefined if the request did not come through a listener of a centre. */
export function exchangeOf(request: IncomingMessage): Exchange | undefined {
  return request[EXCHANGE];
}

/** The head of every entry about this request. */
export function exchangeHead(centre: CentreName, { connection, id, service, session }: Exchange): JournalWho {
  return {
    centre,
    service,
    protocol: 'https',
    via: connection.via,
    connection: connection.id,
    request: id,
    session: session === null ? null : session.id,
    participant: session === null ? null : session.participant,
    user: session === null ? null : session.user,
  };
}

type Answer = { -readonly [N in keyof JournalDetails['answer']]: JournalDetails['answer'][N] };

/** The `answer` of a request whose response is closed; null for one without. Copies nothing, since it runs on every request. */
export function answerDetail(
  exchange: Exchange,
  response: ServerResponse,
  wallMs: number,
): JournalDetails['answer'] | null {
  const { operation, what, params, rows, code, earlyStatus, bytesBefore, connection } = exchange;
  if (operation === null) return null;
  const isAll = response.writableFinished || earlyStatus !== null;
  const answer: Answer = {
    operation,
    sent: isAll ? 'all' : response.headersSent ? 'part' : 'none',
    ms: msBetween(exchange.startedWallMs, wallMs),
    bytes: Math.max(0, (connection.secured?.bytesWritten ?? 0) - bytesBefore),
  };
  if (what !== null) answer.what = what;
  const about = params === null ? '' : Object.values(params).join('/');
  if (about !== '') answer.about = clientText(about);
  if (rows !== null) answer.rows = rows;
  if (response.headersSent) answer.status = response.statusCode;
  else if (earlyStatus !== null) answer.status = earlyStatus;
  if (code !== null) answer.code = code;
  return answer;
}
