import type { FastifyRequest } from 'fastify';
import type { Caller } from '../../service/context.ts';
import type { CentreService } from '../../service/service.ts';
import type { Session } from '../../service/sessions.ts';
import * as schema from '../ccass-schemas.ts';

/** What every group of CCASS routes is given. */
export interface CcassOptions {
  readonly service: CentreService;
  readonly callerOf: (request: FastifyRequest) => Caller;
}

export const COOKIE = 'ccass_session';

/** The session that admission found; a route that needs one is not reached without. */
export function sessionOf(request: FastifyRequest): Session {
  if (!request.session) throw new Error(`${request.url} was reached without admission`);
  return request.session;
}

const problem = {
  description: 'Refused (RFC 9457)',
  content: { 'application/problem+json': { schema: schema.Problem } },
};
/** For the `response` of every route. */
export const problems = { '4xx': problem, '5xx': problem };
