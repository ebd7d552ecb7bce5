import type { FastifyInstance, FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify';
import { strict } from '../../api/parts.ts';
import Type from '../../api/schema-builder.ts';
import type { Operation } from '../../domain/calendar/rehearsal.ts';
import type { UserRole } from '../../domain/nouns/access.ts';
import type { ServiceName } from '../../domain/nouns/market.ts';
import { isRefusal, type RefusalCode } from '../../domain/refusal.ts';
import { refusalAnswers } from '../../http/refusal-answers.ts';
import { sendRefusal } from '../../http/reply.ts';
import type { Session } from '../../service/access/sessions.ts';
import type { Caller } from '../../service/context.ts';
import type { CentreService } from '../../service/service.ts';
import { exchangeOf } from '../https/exchange.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by admission before the body is read; routes that need no session leave it null. */
    session: Session | null;
  }
  interface FastifyContextConfig {
    /** What the timetable calls this verb. */
    operation?: Operation;
    /** False for a log-on, which `logon` of the service admits. */
    needsSession?: boolean;
    /** The journal's name for it: the path without API and parameters. */
    what?: string;
    /** True for verbs that show results of the risk platform's runs: they wait for the runs that are due. */
    needsRuns?: boolean;
    /** Roles that may call it. Default: the users who do the service's business. */
    roles?: readonly UserRole[];
  }
}

/** What every group of routes of one service gets. */
export interface RouteOptions {
  /** The centre's service in the world that a request belongs to; one set of listeners can serve several worlds. */
  readonly worldOf: (request: FastifyRequest) => CentreService;
  readonly uploadLimitBytes: number;
  readonly callerOf: (request: FastifyRequest) => Caller;
}

/**
 * The name of the cookie with a service's session token, such as `ccass_session_7043`; `Authorization: Bearer` works as well.
 * Cookie jars know hosts and no ports: the line's port in it keeps the sessions of two harnesses on one address apart.
 * @param line the URL of the line
 */
export function cookieName(service: ServiceName, line: string): string {
  const port = /:(\d+)$/.exec(line)?.[1];
  return port === undefined ? `${service}_session` : `${service}_session_${port}`;
}

/**
 * Admits or refuses each request to a service's routes, before its body is read. A verb that needs the runs waits for those
 * that are due and is admitted again, since the clock, the session or the active centre may have changed meanwhile.
 */
export function admitRequests(app: FastifyInstance, { worldOf, callerOf }: RouteOptions): void {
  app.decorateRequest('session', null);
  app.addHook('onRoute', (route) => {
    route.schema = { querystring: NO_QUERY, ...route.schema };
    route.config = { ...route.config, what: whatOf(route.url) };
    if (route.config.needsRuns) route.preHandler = waitForRuns;
  });
  app.addHook('onRequest', pass);

  // Not async, since it runs on every request and promises have a cost.
  function pass(request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction) {
    const { operation, what = null, needsSession = true, roles } = request.routeOptions.config;
    if (operation === undefined) return done();
    const caller = callerOf(request);
    const exchange = exchangeOf(request.raw);
    if (exchange) {
      exchange.service = caller.service;
      exchange.operation = operation;
      exchange.what = what;
      exchange.params = request.params as object;
    }
    // A log-on is decided when its body says who asks.
    if (!needsSession) return done();
    const token = tokenOf(request, () => cookieName(caller.service, worldOf(request).line()));
    const admission = worldOf(request).admit(roles ? { operation, roles } : { operation }, caller, token);
    if (isRefusal(admission)) return void sendRefusal(request, reply, admission);
    noteSession(request, admission.session);
    done();
  }

  function waitForRuns(request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction) {
    const runs = worldOf(request).riskRuns.pending();
    if (runs) runs.then(() => pass(request, reply, done)).catch(done);
    else done();
  }
}

/** A verb without a query refuses one: an unknown filter must not look as if it worked. */
const NO_QUERY = Type.Object({}, strict);

function tokenOf(request: FastifyRequest, cookie: () => string): string | null {
  const bearer = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1];
  if (bearer !== undefined) return bearer;
  const cookies = request.headers.cookie;
  return cookies === undefined ? null : (request.server.parseCookie(cookies)[cookie()] ?? null);
}

/** Sets the session of a request, also for its `answer` in the journal. */
export function noteSession(request: FastifyRequest, session: Session | null): void {
  request.session = session;
  const exchange = exchangeOf(request.raw);
  if (exchange) exchange.session = session;
}

/** Returns the rows, and records their number for the `answer` in the journal. */
export function counted<T>(request: FastifyRequest, rows: readonly T[]): readonly T[] {
  const exchange = exchangeOf(request.raw);
  if (exchange) exchange.rows = rows.length;
  return rows;
}

/** `/ccass/v1/settlement-instructions/:number` is `settlement-instructions`. */
function whatOf(url: string): string {
  return url
    .split('/')
    .slice(3)
    .filter((part) => !part.startsWith(':'))
    .join('/');
}

/** The session that admission found. @throws Error on a route that needs none */
export function sessionOf(request: FastifyRequest): Session {
  if (!request.session) throw new Error(`${request.url} was reached without admission`);
  return request.session;
}

/** What admission refuses at every verb that needs a session, and a request of the wrong shape. */
const ADMISSION = [
  'BAD_REQUEST',
  'NO_SESSION',
  'SESSION_ENDED',
  'NOT_ENTITLED',
  'NOT_OPEN',
  'CENTRE_STANDBY',
] as const satisfies RefusalCode[];
/** What a verb with a JSON body refuses besides. */
export const BODY_REFUSALS = ['UNREADABLE_BODY', 'TOO_LARGE', 'UNSUPPORTED_MEDIA'] as const satisfies RefusalCode[];

/** For the `response` of a route: what admission refuses, and these codes. */
export const problemsOf = (...codes: RefusalCode[]) => refusalAnswers(...ADMISSION, ...codes);
/** For an enquiry. */
export const problems = problemsOf('BAD_CURSOR');
/** For one thing by its reference. */
export const problemsOfOne = problemsOf('NOT_FOUND');
/** For an input. */
export const problemsOfInput = problemsOf(...BODY_REFUSALS, 'STORAGE_FULL');
/** For a log-on. */
export const problemsOfLogon = refusalAnswers(
  ...(['BAD_REQUEST', ...BODY_REFUSALS, 'NOT_ENTITLED', 'NOT_OPEN', 'CENTRE_STANDBY', 'NOT_REGISTERED'] as const),
  ...(['TERMINAL_UNSUPPORTED', 'ADDRESS_NOT_ALLOWED', 'USER_LOCKED', 'BAD_CREDENTIALS', 'PASSWORD_EXPIRED'] as const),
  ...(['BAD_NEW_PASSWORD', 'SESSION_EXISTS', 'STORAGE_FULL'] as const),
);

const CONDITIONAL = {
  '304': { description: 'The file that the client has is the same', type: 'null' },
} as const;
/** For a download of bytes of this type: whole, in part, or not changed since. */
export function downloadAnswers(type: string, description: string, ...codes: RefusalCode[]) {
  const content = { [type]: { schema: { type: 'string', contentMediaType: type } } };
  return {
    200: { description, content },
    206: { description: 'The part that Range asked for', content },
    ...CONDITIONAL,
    ...problemsOf('NOT_FOUND', 'PRECONDITION_FAILED', 'RANGE_NOT_SATISFIABLE', 'FILE_DAMAGED', ...codes),
  };
}
