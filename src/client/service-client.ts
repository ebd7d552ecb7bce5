import { HTTP_STATUS, type Language, refusalOf } from '../http/problem.ts';
import type { AllPages, Answer, Answered } from './answer.ts';
import { type Exchange, openExchange, type Reply } from './exchange.ts';

export interface ServiceClientOptions {
  /** The address that never changes, such as `https://127.0.0.1:7043`. */
  readonly line: string;
  /** The CA to trust, PEM. */
  readonly ca: string;
  readonly userAgent?: string;
  readonly language?: Language;
}

/** Attempts for a request that may safely be sent again when its connection breaks. */
export const REPEATABLE = 3;
const ONCE = 1;

/** Members of a query; undefined ones are left out. */
export type Filter = Readonly<Record<string, string | undefined>>;

/** A client of one service of a centre; it sends the token of its session. */
export interface ServiceClient {
  readonly exchange: Exchange;
  /** The headers of every request of the session, and `more`. */
  headers(more?: Readonly<Record<string, string>>): Readonly<Record<string, string>>;
  get<T>(path: string): Promise<Answer<T>>;
  /** Sent once only: a repeated input would count twice. */
  send<T>(method: 'POST' | 'PATCH', path: string, body: object): Promise<Answer<T>>;
  /** Every page of a list. */
  walk<T>(list: string, filter: Filter, pageSize: number): Promise<Answer<AllPages<T>>>;
  /** The rows of every page. */
  allRows<T>(list: string, filter: Filter, pageSize: number): Promise<Answer<readonly T[]>>;
  rowsOf<T>(path: string, filter?: Filter): Promise<Answer<readonly T[]>>;
  /** On a new connection and sent once only: a repeated log-on would be refused because of the first. */
  logOn<T extends { readonly token: string }>(request: object): Promise<Answer<T>>;
  logOff(): Promise<Answer<null>>;
}

/**
 * A client of one service at one unchanged address. Refusals are answers. Throws if a connection fails or breaks too
 * often (ConnectionCut), or if the answer is not one that a centre gives. The token of a log-on is kept until the next
 * log-on, so that a late request learns why its session ended.
 * @param api the path of the service, such as `/ccass/v1`
 */
export function openServiceClient(options: ServiceClientOptions, api: string): ServiceClient {
  const { userAgent = 'ccass-harness reference participant', language = 'en' } = options;
  const exchange = openExchange(options.line, options.ca);
  const identity = { 'user-agent': userAgent, 'accept-language': language };
  let token: string | null = null;

  const headers = (more: Readonly<Record<string, string>> = {}) => ({
    ...identity,
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    ...more,
  });

  async function get<T>(path: string): Promise<Answer<T>> {
    return jsonAnswer<T>(await exchange.send({ method: 'GET', path, headers: headers(), attempts: REPEATABLE }));
  }

  async function send<T>(method: 'POST' | 'PATCH', path: string, content: object): Promise<Answer<T>> {
    const body = Buffer.from(JSON.stringify(content));
    const type = headers({ 'content-type': 'application/json' });
    return jsonAnswer<T>(await exchange.send({ method, path, headers: type, body, attempts: ONCE }));
  }

  async function walk<T>(list: string, filter: Filter, pageSize: number): Promise<Answer<AllPages<T>>> {
    const rows: T[] = [];
    const seen = new Set<string>();
    for (let pages = 1, cursor = ''; ; pages++) {
      const path = withQuery(`${api}/${list}`, {
        ...filter,
        limit: String(pageSize),
        cursor: cursor === '' ? undefined : cursor,
      });
      const page = await get<{ readonly rows: readonly T[]; readonly next: string | null }>(path);
      if (!page.ok) return page;
      rows.push(...page.value.rows);
      const { next } = page.value;
      if (next === null) return { ...page, value: { rows, pages } };
      if (seen.has(next)) throw new Error(`${list}: a page repeats the cursor ${next}`);
      seen.add(next);
      cursor = next;
    }
  }

  async function allRows<T>(list: string, filter: Filter, pageSize: number): Promise<Answer<readonly T[]>> {
    const answer = await walk<T>(list, filter, pageSize);
    return answer.ok ? { ...answer, value: answer.value.rows } : answer;
  }

  async function rowsOf<T>(path: string, filter: Filter = {}): Promise<Answer<readonly T[]>> {
    const answer = await get<{ readonly rows: readonly T[] }>(withQuery(path, filter));
    return answer.ok ? { ...answer, value: answer.value.rows } : answer;
  }

  return {
    ...{ exchange, headers, get, send, walk, allRows, rowsOf },

    async logOn<T extends { readonly token: string }>(request: object): Promise<Answer<T>> {
      exchange.reconnect();
      const body = Buffer.from(JSON.stringify(request));
      const sent = { ...identity, 'content-type': 'application/json' };
      const path = `${api}/session`;
      const answer = jsonAnswer<T>(await exchange.send({ method: 'POST', path, headers: sent, body, attempts: ONCE }));
      if (answer.ok) token = answer.value.token;
      return answer;
    },

    async logOff() {
      const path = `${api}/session`;
      const reply = await exchange.send({ method: 'DELETE', path, headers: headers(), attempts: ONCE });
      return reply.status === 204 ? { ...answered(reply), ok: true, code: null, value: null } : refused(reply);
    },
  };
}

export function withQuery(path: string, filter: Filter): string {
  const members = Object.entries(filter).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  const query = new URLSearchParams(members).toString();
  return query === '' ? path : `${path}?${query}`;
}

export function answered({ status, by, attempts }: Reply): Answered {
  return { status, ...by, attempts };
}

export function jsonAnswer<T>(reply: Reply): Answer<T> {
  if (reply.status < 200 || reply.status > 299) return refused(reply);
  return { ...answered(reply), ok: true, code: null, value: JSON.parse(reply.body.toString()) as T };
}

/** @throws Error if the reply is not a refusal of a centre, or has the wrong status for it */
export function refused(reply: Reply): Answer<never> {
  const text = reply.body.toString();
  const refusal = /json/.test(reply.headers['content-type'] ?? '') ? refusalOf(JSON.parse(text)) : null;
  if (!refusal || HTTP_STATUS[refusal.refusal] !== reply.status) {
    throw new Error(`status ${reply.status} is not a refusal of a centre: ${text.slice(0, 300)}`);
  }
  return { ...answered(reply), ok: false, code: refusal.refusal, refusal };
}
