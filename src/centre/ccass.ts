import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { UserRole } from '../domain/nouns.ts';
import { isRefusal } from '../domain/refusal.ts';
import type { Operation } from '../domain/rehearsal.ts';
import type { Session } from '../service/sessions.ts';
import { batchesRoutes } from './ccass/batches.ts';
import { type CcassOptions, COOKIE } from './ccass/desk.ts';
import { enquiriesRoutes } from './ccass/enquiries.ts';
import { instructionsRoutes } from './ccass/instructions.ts';
import { maintenanceRoutes } from './ccass/maintenance.ts';
import { marketRoutes } from './ccass/market.ts';
import { reportsRoutes } from './ccass/reports.ts';
import { sessionRoutes } from './ccass/session.ts';
import { transfersRoutes } from './ccass/transfers.ts';
import { usersRoutes } from './ccass/users.ts';
import { sendRefusal } from './reply.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by admission before the body is read; routes that need no session leave it null. */
    session: Session | null;
  }
  interface FastifyContextConfig {
    /** What the timetable calls this verb. */
    operation?: Operation;
    /** False for the verbs that anyone may call. */
    needsSession?: boolean;
    /** Whose verb it is; left out, that of a maker or checker. */
    roles?: readonly UserRole[];
  }
}

/** /ccass/v1: one line a verb; business is in service/. Admission comes before the body is read. */
export async function ccass(app: FastifyInstance, options: CcassOptions): Promise<void> {
  const { service, callerOf } = options;
  app.decorateRequest('session', null);

  app.addHook('onRequest', async (request, reply) => {
    const { operation, needsSession = true, roles } = request.routeOptions.config;
    if (operation === undefined) return;
    const caller = callerOf(request);
    const admitted = needsSession
      ? service.admitSession(operation, tokenOf(request), caller, roles)
      : service.admitAnyone(operation, caller);
    if (isRefusal(admitted)) return sendRefusal(request, reply, admitted, service.now());
    if ('ordinal' in admitted) request.session = admitted;
  });

  await sessionRoutes(app, options);
  await enquiriesRoutes(app, options);
  await marketRoutes(app, options);
  await instructionsRoutes(app, options);
  await maintenanceRoutes(app, options);
  await transfersRoutes(app, options);
  await batchesRoutes(app, options);
  await reportsRoutes(app, options);
  await usersRoutes(app, options);
}

function tokenOf(request: FastifyRequest): string | null {
  const bearer = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1];
  return bearer ?? request.cookies[COOKIE] ?? null;
}
