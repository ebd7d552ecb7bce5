import type { FastifyInstance } from 'fastify';
import { isRefusal } from '../../domain/refusal.ts';
import { EVERYONE } from '../../service/admission.ts';
import type { CentreService } from '../../service/service.ts';
import { loggedOnJson } from '../ccass-json.ts';
import * as schema from '../ccass-schemas.ts';
import { sendRefusal } from '../reply.ts';
import { type CcassOptions, COOKIE, problems, sessionOf } from './desk.ts';

/** Log-on and log-off. */
export async function sessionRoutes(app: FastifyInstance, { service, callerOf }: CcassOptions): Promise<void> {
  app.post<{ Body: Parameters<CentreService['logon']>[0] }>(
    '/session',
    {
      config: { operation: 'logon', needsSession: false },
      schema: {
        summary: 'Log on',
        tags: ['session'],
        body: schema.LogonBody,
        response: { 201: schema.LoggedOn, ...problems },
      },
    },
    async (request, reply) => {
      const answer = await service.logon(request.body, callerOf(request));
      if (isRefusal(answer)) return sendRefusal(request, reply, answer, service.now());
      reply.setCookie(COOKIE, answer.token, { path: '/ccass', secure: true, httpOnly: true, sameSite: 'strict' });
      return reply.code(201).send(loggedOnJson(answer, service.idleMinutes));
    },
  );

  app.delete(
    '/session',
    {
      config: { operation: 'logoff', roles: EVERYONE },
      schema: { summary: 'Log off', tags: ['session'], response: { 204: { type: 'null' }, ...problems } },
    },
    async (request, reply) => {
      service.logoff(sessionOf(request), callerOf(request));
      return reply.clearCookie(COOKIE, { path: '/ccass' }).code(204).send();
    },
  );
}
