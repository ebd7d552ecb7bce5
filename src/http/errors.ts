import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isDiskFull, storageFull } from '../domain/refusal.ts';
import { frameworkRefusal } from './framework-refusals.ts';
import { sendHarnessError, sendRefusal } from './reply.ts';
import { unknownRoutes } from './unknown-routes.ts';

/** What differs between the servers in how they answer a request that no route could. */
export interface ErrorOptions {
  /** Limit of a body whose route sets none. */
  readonly bodyLimitBytes: number;
  /** The page that describes the routes around a path. */
  readonly docsOf: (path: string) => string;
  /** Named to a client whose path is near no route: what needs no log-on and leads to the rest. */
  readonly entryPoints: readonly string[];
  /** Called with each error that is a bug of ours, before the client gets its 500. */
  readonly onError: (error: Error, request: FastifyRequest) => void;
}

type AnswerError = (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => FastifyReply;

/**
 * Answers an error that Fastify or a handler throws: with a refusal if the client caused it, else with a 500. `answerErrors`
 * sets it; it is also for the `frameworkErrors` of Fastify's options, which come before a route is found.
 */
export function errorAnswer({ bodyLimitBytes, docsOf, onError }: ErrorOptions): AnswerError {
  return (error, request, reply) => {
    const refusal = frameworkRefusal(error, request, docsOf(request.url), bodyLimitBytes);
    if (refusal) return sendRefusal(request, reply, refusal);
    if (isDiskFull(error)) return sendRefusal(request, reply, storageFull());
    onError(error, request);
    return sendHarnessError(request, reply);
  };
}

/** Answers errors and unknown routes of a server with problems. To be called before any route is registered. */
export function answerErrors(app: FastifyInstance, options: ErrorOptions): void {
  app.setErrorHandler(errorAnswer(options));
  const whyUnknown = unknownRoutes(app, options.docsOf, options.entryPoints);
  app.setNotFoundHandler((request, reply) => sendRefusal(request, reply, whyUnknown(request)));
}
