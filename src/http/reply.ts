import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Instant } from '../domain/nouns/market.ts';
import type { Refusal } from '../domain/refusal.ts';
import { HTTP_STATUS, type Language, languageOf, problemOf } from './problem.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** Puts a refusal into the journal, unless it stands there already. */
    noteRefusal?: (request: FastifyRequest, refusal: Refusal) => void;
  }
}

/** Sends a refusal as RFC 9457 problem+json in the caller's language. `at` is market time, from which Retry-After counts. */
export function sendRefusal(request: FastifyRequest, reply: FastifyReply, refusal: Refusal, at: Instant): FastifyReply {
  request.server?.noteRefusal?.(request, refusal);
  const language: Language = languageOf(request.headers['accept-language']);
  const status = HTTP_STATUS[refusal.refusal];
  if (refusal.retryAt !== undefined) {
    reply.header('retry-after', Math.max(0, Math.ceil((refusal.retryAt - at) / 1000)));
  }
  if (status === 401) reply.header('www-authenticate', 'Bearer realm="ccass-harness"');
  return reply
    .code(status)
    .header('content-language', language)
    .type('application/problem+json; charset=utf-8')
    .send(JSON.stringify(problemOf(refusal, language)));
}
