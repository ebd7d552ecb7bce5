import type { FastifyInstance } from 'fastify';
import { admitRequests, type RouteOptions } from '../session/admit.ts';
import { sessionRoutes } from '../session/session.ts';
import { usersRoutes } from '../session/users.ts';
import type { SchemaTypes } from '../typed-routes.ts';
import { marginRoutes } from './margin.ts';
import { profileRoutes } from './profile.ts';
import { simulationRoutes } from './simulations.ts';

/** /orp/v1: ORP Online, for clearing participants; one route per verb. The business is in service/orp/. */
export async function orp(app: FastifyInstance, options: RouteOptions): Promise<void> {
  admitRequests(app, options);
  const routes = app.withTypeProvider<SchemaTypes>();
  await sessionRoutes(routes, options, 'orp');
  await profileRoutes(routes, options);
  await marginRoutes(routes, options);
  await simulationRoutes(routes, options);
  await usersRoutes(routes, options, 'orp');
}
