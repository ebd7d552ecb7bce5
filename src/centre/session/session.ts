import type { FastifyInstance } from 'fastify';
import * as schema from '../../api/session.ts';
import type { ServiceName } from '../../domain/nouns/market.ts';
import { isRefusal } from '../../domain/refusal.ts';
import { sendRefusal } from '../../http/reply.ts';
import { EVERYONE } from '../../service/access/admission.ts';
import type { CentreService } from '../../service/service.ts';
import { loggedOnJson } from '../ccass/json.ts';
import { COOKIE, type DeskOptions, problems, sessionOf } from './admit.ts';

const ofCcass = { body: schema.LogonBody, answer: schema.LoggedOn };
const ofOthers = { body: schema.PlainLogonBody, answer: schema.PlainLoggedOn };

/** Log-on to a service and log-off from it. */
export async function sessionRoutes(
  app: FastifyInstance,
  { service, callerOf }: DeskOptions,
  name: ServiceName,
): Promise<void> {
  const { body, answer: loggedOn } = name === 'ccass' ? ofCcass : ofOthers;
  const path = `/${name}`;
  app.post<{ Body: Parameters<CentreService['logon']>[0] }>(
    '/session',
    {
      config: { operation: 'logon', needsSession: false },
      schema: { summary: 'Log on', tags: ['session'], body, response: { 201: loggedOn, ...problems } },
    },
    async (request, reply) => {
      const answer = await service.logon(request.body, callerOf(request));
      if (isRefusal(answer)) return sendRefusal(request, reply, answer, service.now());
      reply.setCookie(COOKIE[name], answer.token, { path, secure: true, httpOnly: true, sameSite: 'strict' });
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
      return reply.clearCookie(COOKIE[name], { path }).code(204).send();
    },
  );
}
