import type { Words } from '../../domain/nouns/market.ts';
import { type Refusal, type RefusalCode, refuse } from '../../domain/refusal.ts';

/** Not Node's STATUS_CODES: importing node:http loads WebSocket and fetch too, 45 ms of CPU at each start. */
const REASON = {
  400: 'Bad Request',
  408: 'Request Timeout',
  413: 'Payload Too Large',
  431: 'Request Header Fields Too Large',
} as const;

/**
 * The answer to a request that cannot be read and so never reaches a route. The client's language is unknown, so the
 * text is in both.
 */
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

/** The answer as bytes: an RFC 9457 problem, after which the connection closes. */
export function problemBytes({ status, refusal }: EarlyAnswer): string {
  const body = JSON.stringify({
    type: 'about:blank',
    title: both(refusal.title),
    status,
    detail: both(refusal.detail),
    code: refusal.refusal,
  });
  return response(status, 'application/problem+json', body);
}

/** The answer to plain HTTP on a TLS port. */
export function plainHttpBytes(cause: Words, remedy: Words): string {
  return response(400, 'text/plain; charset=utf-8', `${cause.en} ${remedy.en}\n${cause.zh}${remedy.zh}\n`);
}

function response(status: keyof typeof REASON, contentType: string, body: string): string {
  return [
    `HTTP/1.1 ${status} ${REASON[status]}`,
    `Content-Type: ${contentType}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}

function both(words: Words): string {
  return `${words.en} / ${words.zh}`;
}
