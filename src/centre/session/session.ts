import { nothing } from '../../api/parts.ts';
import * as schema from '../../api/session.ts';
import { isoHkt } from '../../domain/calendar/calendar.ts';
import type { ServiceName } from '../../domain/nouns/market.ts';
import { isRefusal } from '../../domain/refusal.ts';
import { sendRefusal } from '../../http/reply.ts';
import { EVERYONE } from '../../service/access/admission.ts';
import type { LoggedOn } from '../../service/access/user-logon.ts';
import type { TypedRoutes } from '../typed-routes.ts';
import { COOKIE, type DeskOptions, problems, sessionOf } from './admit.ts';

const ofCcass = { body: schema.LogonBody, answer: schema.LoggedOn };
const ofOthers = { body: schema.PlainLogonBody, answer: schema.PlainLoggedOn };

/** Log-on to a service and log-off from it. */
export async function sessionRoutes(
  app: TypedRoutes,
  { service, callerOf }: DeskOptions,
  name: ServiceName,
): Promise<void> {
  const { body, answer: loggedOn } = name === 'ccass' ? ofCcass : ofOthers;
  const path = `/${name}`;
  app.post<{ Body: schema.LogonBody | schema.PlainLogonBody }>(
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
      schema: { summary: 'Log off', tags: ['session'], response: { 204: nothing, ...problems } },
    },
    async (request, reply) => {
      service.logoff(sessionOf(request), callerOf(request));
      return reply.clearCookie(COOKIE[name], { path }).code(204).send();
    },
  );
}

function loggedOnJson(answer: LoggedOn, idleMinutes: number): schema.LoggedOn | schema.PlainLoggedOn {
  const { session, open } = answer;
  return {
    token: answer.token,
    participant: session.participant,
    user: session.user,
    role: answer.role,
    ...(session.channel && { channel: session.channel }),
    centre: session.centre,
    release: open.release,
    rehearsalSession: open.session && { id: open.session.id, name: open.session.name },
    loggedOnAt: isoHkt(session.startedAt),
    idleMinutes,
    passwordExpires: answer.passwordExpires,
    warnings: answer.warnings,
    simulated: true,
  };
}
