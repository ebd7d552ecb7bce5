import type { Words } from '../domain/nouns/market.ts';
import { type Refusal, type RefusalCode, refuse } from '../domain/refusal.ts';
import { problemOf } from './problem.ts';

/** Not Node's STATUS_CODES: importing node:http loads WebSocket and fetch too, 45 ms of CPU at each start. */
const REASON = {
  400: 'Bad Request',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  413: 'Payload Too Large',
  417: 'Expectation Failed',
  431: 'Request Header Fields Too Large',
} as const;

/** The answer to a request that cannot be read as HTTP, and so never reaches a route. */
export interface EarlyAnswer {
  readonly status: keyof typeof REASON;
  readonly refusal: Refusal;
}

const EARLY: Readonly<
  Record<string, { readonly status: keyof typeof REASON; readonly code: RefusalCode; readonly detail: Words }>
> = {
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    code: 'BAD_REQUEST',
    detail: {
      en: 'The complete request did not arrive in time. Send headers and body without a pause.',
      zh: '請求未有在時限內完整送達。請連續送出標頭及內容。',
    },
  },
  HPE_INVALID_EOF_STATE: {
    status: 400,
    code: 'UNREADABLE_BODY',
    detail: {
      en: 'The client closed the connection before the request was complete. Send it again.',
      zh: '客戶端在請求完整送達前已關閉連線。請重新傳送。',
    },
  },
  HPE_HEADER_OVERFLOW: {
    status: 431,
    code: 'TOO_LARGE',
    detail: {
      en: 'The request headers are too large. Send fewer or shorter headers and cookies.',
      zh: '請求標頭過大。請減少或縮短標頭及 cookie。',
    },
  },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: {
    status: 413,
    code: 'TOO_LARGE',
    detail: {
      en: 'The chunk extensions are too large. Send chunks without extensions.',
      zh: '分塊擴充資料過大。請送出不帶擴充資料的分塊。',
    },
  },
};

/**
 * The answer to an HTTP-level `clientError`, or null where none can be given (the connection broke, or TLS did).
 * @param code the error's `code`; those of Node's parser begin with HPE_
 */
export function earlyAnswer(code: string): EarlyAnswer | null {
  const known = EARLY[code];
  if (known) return { status: known.status, refusal: refuse(known.code, known.detail) };
  if (!code.startsWith('HPE_')) return null;
  return {
    status: 400,
    refusal: refuse('BAD_REQUEST', {
      en: `This is not an HTTP/1.1 request (${code}). Check what the client sends.`,
      zh: `這並非 HTTP/1.1 請求（${code}）。請檢查客戶端所送出的資料。`,
    }),
  };
}

/** The answer to CONNECT, which Node would leave without one. */
export const notAProxy = (): EarlyAnswer => ({
  status: 405,
  refusal: refuse('METHOD_NOT_ALLOWED', {
    en: 'This is no proxy, so CONNECT leads nowhere. Take this address out of HTTPS_PROXY and the like, and send requests to it directly.',
    zh: '本系統並非代理伺服器，不接受 CONNECT。請從 HTTPS_PROXY 等設定移除此地址，並直接向其發出請求。',
  }),
});

/** The answer to TLS on a port of plain HTTP. */
export const notTls = (): EarlyAnswer => ({
  status: 400,
  refusal: refuse('BAD_REQUEST', {
    en: 'Got TLS, expected plain HTTP. Use an address that begins with http://.',
    zh: '收到 TLS，此連接埠只接受未加密的 HTTP。請使用以 http:// 開首的地址。',
  }),
});

/** The answer to plain HTTP on a TLS port. */
export function plainHttp(cause: Words, remedy: Words): EarlyAnswer {
  const detail = { en: `${cause.en} ${remedy.en}`, zh: `${cause.zh}${remedy.zh}` };
  return { status: 400, refusal: refuse('BAD_REQUEST', detail, { more: { reason: 'PLAIN_HTTP' } }) };
}

/**
 * The answer as bytes: an RFC 9457 problem, after which the connection closes. The client's language is unknown, so the
 * short texts are English; `words` has both, as in every problem.
 * @param headers such as every answer of the server has
 */
export function problemBytes({ status, refusal }: EarlyAnswer, headers: Readonly<Record<string, string>> = {}): string {
  const body = JSON.stringify(problemOf(refusal, 'en', status));
  return [
    `HTTP/1.1 ${status} ${REASON[status]}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    'content-language: en',
    'content-type: application/problem+json; charset=utf-8',
    `content-length: ${new TextEncoder().encode(body).length}`,
    'connection: close',
    '',
    body,
  ].join('\r\n');
}
