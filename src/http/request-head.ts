import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Words } from '../domain/nouns/market.ts';
import { refuse } from '../domain/refusal.ts';
import type { EarlyAnswer } from './early-answers.ts';
import { sendRefusal } from './reply.ts';

/**
 * Options of Node's HTTP server. It would answer a request without Host itself, with neither words nor code;
 * `refuseBadHead` does that instead.
 */
export const SERVER_OPTIONS = { requireHostHeader: false } as const;

/**
 * Refuses a request whose head says what no server may guess (RFC 9112, 3.2). To be called in the first `onRequest` hook, before
 * anything reads the Host. Its connection ends with the answer: who sends such a head may mean something else by what follows.
 * @returns whether it was refused
 */
export function refuseBadHead(request: FastifyRequest, reply: FastifyReply): boolean {
  const bad = badHead(request.raw);
  if (bad === null) return false;
  reply.header('connection', 'close');
  sendRefusal(request, reply, bad.refusal, bad.status);
  return true;
}

/** Runs on every request, so it makes nothing unless it refuses. */
function badHead({
  headers,
  rawHeaders,
  httpVersionMajor,
  httpVersionMinor,
}: FastifyRequest['raw']): EarlyAnswer | null {
  if (httpVersionMajor !== 1)
    return bad({ en: 'Send HTTP/1.1, which this server speaks alone.', zh: '請使用 HTTP/1.1，本系統只接受此版本。' });
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts++;
  }
  if (hosts > 1)
    return bad({
      en: `The request has ${hosts} Host headers. Send one.`,
      zh: `請求有 ${hosts} 個 Host 標頭，請只送出一個。`,
    });
  if (hosts === 0 && httpVersionMinor > 0)
    return bad({
      en: 'The request has no Host header. Send one, such as Host: localhost.',
      zh: '請求並無 Host 標頭。請加上，如 Host: localhost。',
    });
  if (hosts > 0 && !isHost(headers.host ?? ''))
    return bad({
      en: 'The Host header is neither a name nor an address, with or without a port from 1 to 65535. Send one such as Host: localhost:7043.',
      zh: 'Host 標頭並非名稱或地址（可另加 1 至 65535 的連接埠）。請改為如 Host: localhost:7043。',
    });
  const { expect } = headers;
  if (expect !== undefined && expect.toLowerCase() !== '100-continue')
    return {
      status: 417,
      refusal: refuse('BAD_REQUEST', {
        en: 'This server fulfils no expectation but 100-continue. Leave the Expect header out.',
        zh: '本系統只接受 100-continue。請略去 Expect 標頭。',
      }),
    };
  return null;
}

function bad(detail: Words): EarlyAnswer {
  return { status: 400, refusal: refuse('BAD_REQUEST', detail) };
}

/** A name as DNS and hosts files have it, an IPv4 address, or an IPv6 address in brackets; then a port. */
const HOST = /^(?:[a-z0-9_](?:[a-z0-9._-]*)|\[[0-9a-f:.]{2,45}\])(?::(\d{1,5}))?$/i;

function isHost(host: string): boolean {
  const match = HOST.exec(host);
  if (match === null) return false;
  const port = match[1];
  return port === undefined || (Number(port) > 0 && Number(port) <= 65_535);
}

/**
 * The target of a request without scheme and host, as routes are written. Who asks as if through a proxy names the whole URL,
 * whose host then counts in place of the header's (RFC 9112, 3.2.2).
 */
export function originForm(raw: { url?: string | undefined; headers: { host?: string | undefined } }): string {
  const { url = '' } = raw;
  if (url.startsWith('/')) return url;
  const match = /^https?:\/\/([^/?#]*)(.*)$/i.exec(url);
  if (match === null) return url;
  const [, authority = '', rest = ''] = match;
  raw.headers.host = authority;
  return rest.startsWith('/') ? rest : `/${rest}`;
}
