import type { FastifyInstance } from 'fastify';
import { admitRequests, type RouteOptions } from '../session/admit.ts';
import { sessionRoutes } from '../session/session.ts';
import { usersRoutes } from '../session/users.ts';
import type { SchemaTypes } from '../typed-routes.ts';
import { batchesRoutes } from './batches.ts';
import { enquiriesRoutes } from './enquiries.ts';
import { instructionsRoutes } from './instructions.ts';
import { maintenanceRoutes } from './maintenance.ts';
import { marketRoutes } from './market.ts';
import { reportsRoutes } from './reports.ts';
import { transfersRoutes } from './transfers.ts';

/** /ccass/v1: one route per verb; the business is in service/. Admission comes before the body is read. */
export async function ccass(app: FastifyInstance, options: RouteOptions): Promise<void> {
  admitRequests(app, options);
  const routes = app.withTypeProvider<SchemaTypes>();
  await sessionRoutes(routes, options, 'ccass');
  await enquiriesRoutes(routes, options);
  await marketRoutes(routes, options);
  await instructionsRoutes(routes, options);
  await maintenanceRoutes(routes, options);
  await transfersRoutes(routes, options);
  await batchesRoutes(routes, options);
  await reportsRoutes(routes, options);
  await usersRoutes(routes, options, 'ccass');
}
