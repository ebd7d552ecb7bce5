import { nothing } from '../../api/parts.ts';
import * as schema from '../../api/rap/session.ts';
import { isoHkt } from '../../domain/calendar/calendar.ts';
import { isRefusal } from '../../domain/refusal.ts';
import { sendRefusal } from '../../http/reply.ts';
import { COOKIE, type DeskOptions, problems, sessionOf } from '../session/admit.ts';
import type { TypedRoutes } from '../typed-routes.ts';

/** Log-on by password and log-off. A key is SFTP's way in. */
export async function rapSessionRoutes(app: TypedRoutes, { service, callerOf }: DeskOptions): Promise<void> {
  app.post(
    '/session',
    {
      config: { operation: 'logon', needsSession: false },
      schema: {
        summary: "Log on with the RAP user's password",
        tags: ['session'],
        body: schema.LogonBody,
        response: { 201: schema.LoggedOn, ...problems },
      },
    },
    async (request, reply) => {
      const { participant, password } = request.body;
      const asked = { participant, credential: { kind: 'password', password } } as const;
      const answer = await service.rap.logon(asked, callerOf(request));
      if (isRefusal(answer)) return sendRefusal(request, reply, answer, service.now());
      const { token, session, open } = answer;
      reply.setCookie(COOKIE.rap, token, { path: '/rap', secure: true, httpOnly: true, sameSite: 'strict' });
      return reply.code(201).send({
        token,
        participant,
        centre: session.centre,
        release: open.release,
        rehearsalSession: open.session && { id: open.session.id, name: open.session.name },
        loggedOnAt: isoHkt(session.startedAt),
        idleMinutes: service.idleMinutes,
        simulated: true,
      });
    },
  );

  app.delete(
    '/session',
    {
      config: { operation: 'logoff' },
      schema: { summary: 'Log off', tags: ['session'], response: { 204: nothing, ...problems } },
    },
    async (request, reply) => {
      service.rap.logoff(sessionOf(request), callerOf(request));
      return reply.clearCookie(COOKIE.rap, { path: '/rap' }).code(204).send();
    },
  );
}
