import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Instant } from '../domain/nouns/market.ts';
import type { Refusal } from '../domain/refusal.ts';
import { harnessErrorProblem, languageOf, type Problem, problemOf } from './problem.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** Puts a refusal into the journal, unless it stands there already. */
    noteRefusal?: (request: FastifyRequest, refusal: Refusal) => void;
    /** From which Retry-After counts; without it no answer has the header. */
    marketTime?: (request: FastifyRequest) => Instant;
  }
}

/**
 * Sends a refusal as RFC 9457 problem+json in the caller's language.
 * @param status in place of the code's own
 */
export function sendRefusal(
  request: FastifyRequest,
  reply: FastifyReply,
  refusal: Refusal,
  status?: number,
): FastifyReply {
  const { server } = request;
  server?.noteRefusal?.(request, refusal);
  const at = server?.marketTime?.(request);
  if (refusal.retryAt !== undefined && at !== undefined) {
    reply.header('retry-after', Math.max(0, Math.ceil((refusal.retryAt - at) / 1000)));
  }
  if (Array.isArray(refusal.more?.allow)) reply.header('allow', refusal.more.allow.join(', '));
  return sendProblem(request, reply, (language) => problemOf(refusal, language, status));
}

/** Sends the 500 of a bug in the harness. */
export function sendHarnessError(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return sendProblem(request, reply, harnessErrorProblem);
}

function sendProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  problemIn: (language: ReturnType<typeof languageOf>) => Problem,
): FastifyReply {
  const language = languageOf(request.headers['accept-language']);
  const problem = problemIn(language);
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer realm="ccass-harness"');
  return reply
    .code(problem.status)
    .header('content-language', language)
    .type('application/problem+json; charset=utf-8')
    .send(JSON.stringify(problem));
}
