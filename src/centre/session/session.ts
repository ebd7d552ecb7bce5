import type { FastifyReply } from 'fastify';
import { nothing } from '../../api/parts.ts';
import * as rap from '../../api/rap/session.ts';
import * as schema from '../../api/session.ts';
import { isoHkt } from '../../domain/calendar/calendar.ts';
import type { ServiceName } from '../../domain/nouns/market.ts';
import { isRefusal, type Refusal } from '../../domain/refusal.ts';
import { sendRefusal } from '../../http/reply.ts';
import { EVERYONE } from '../../service/access/admission.ts';
import type { Session } from '../../service/access/sessions.ts';
import type { LoggedOn } from '../../service/access/user-logon.ts';
import type { Caller, Open } from '../../service/context.ts';
import type { CentreService } from '../../service/service.ts';
import type { TypedRoutes } from '../typed-routes.ts';
import {
  BODY_REFUSALS,
  cookieName,
  noteSession,
  problemsOf,
  problemsOfLogon,
  type RouteOptions,
  sessionOf,
} from './admit.ts';

interface Started {
  readonly token: string;
  readonly session: Session;
  readonly open: Open;
}

interface Logon {
  readonly summary: string;
  readonly body: object;
  readonly answer: object;
  logOn(world: CentreService, body: LogonRequest, caller: Caller): Promise<LogonAnswer>;
}

/** Each service's log-on: its request and its answer. Keys work over SFTP only. */
const LOGON: Readonly<Record<ServiceName, Logon>> = {
  ccass: { summary: 'Log on', body: schema.LogonBody, answer: schema.LoggedOn, logOn: logOnUser },
  orp: { summary: 'Log on', body: schema.PlainLogonBody, answer: schema.PlainLoggedOn, logOn: logOnUser },
  rap: {
    summary: "Log on with the RAP user's password",
    body: rap.LogonBody,
    answer: rap.LoggedOn,
    async logOn(world, { participant, password }, caller) {
      const started = await world.rap.logon({ participant, credential: { kind: 'password', password } }, caller);
      return isRefusal(started) ? started : { started, members: {} };
    },
  },
};

type LogonRequest = schema.LogonBody & schema.PlainLogonBody & rap.LogonBody;
type LogonAnswer = { readonly started: Started; readonly members: object } | Refusal;

async function logOnUser(world: CentreService, body: schema.LogonBody | schema.PlainLogonBody, caller: Caller) {
  const started = await world.logon(body, caller);
  return isRefusal(started) ? started : { started, members: userMembers(started) };
}

function userMembers({ session, role, passwordExpires, warnings }: LoggedOn) {
  const { user, channel } = session;
  return { user, role, ...(channel && { channel }), passwordExpires, warnings };
}

/** Log-on to a service and log-off from it. */
export async function sessionRoutes(
  app: TypedRoutes,
  { worldOf, callerOf }: RouteOptions,
  name: ServiceName,
): Promise<void> {
  const { summary, body, answer: loggedOn, logOn } = LOGON[name];
  const cookie = { path: `/${name}`, secure: true, httpOnly: true, sameSite: 'strict' } as const;

  app.post<{ Body: LogonRequest }>(
    '/session',
    {
      config: { operation: 'logon', needsSession: false },
      schema: {
        ...{ operationId: 'logOn', summary, tags: ['session'], security: [], body },
        response: { 201: loggedOn, ...problemsOfLogon },
      },
    },
    async (request, reply): Promise<FastifyReply> => {
      const world = worldOf(request);
      const answer = await logOn(world, request.body, callerOf(request));
      if (isRefusal(answer)) return sendRefusal(request, reply, answer);
      const { started, members } = answer;
      noteSession(request, started.session);
      reply.setCookie(cookieName(name, world.line()), started.token, cookie);
      return reply.code(201).send({ ...sessionJson(started, world.idleMinutes), ...members });
    },
  );

  app.delete(
    '/session',
    {
      config: { operation: 'logoff', roles: EVERYONE },
      schema: {
        operationId: 'logOff',
        summary: 'Log off',
        tags: ['session'],
        response: { 204: nothing, ...problemsOf(...BODY_REFUSALS) },
      },
    },
    async (request, reply) => {
      const world = worldOf(request);
      world.logoff(sessionOf(request), callerOf(request));
      return reply.clearCookie(cookieName(name, world.line()), { path: cookie.path }).code(204).send();
    },
  );
}

function sessionJson({ token, session, open }: Started, idleMinutes: number) {
  return {
    token,
    participant: session.participant,
    centre: session.centre,
    release: open.release,
    rehearsalSession: open.session && { id: open.session.id, name: open.session.name },
    loggedOnAt: isoHkt(session.startedAt),
    idleMinutes,
    simulated: true,
  };
}
