import type { FastifyInstance } from 'fastify';
import { admitRequests, type RouteOptions } from '../session/admit.ts';
import { sessionRoutes } from '../session/session.ts';
import type { SchemaTypes } from '../typed-routes.ts';
import { rapFileRoutes } from './files.ts';

/** /rap/v1: RAP for tooling without SFTP, through the same verbs as SFTP. A mock convention: RAP has no web interface. */
export async function rap(app: FastifyInstance, options: RouteOptions): Promise<void> {
  admitRequests(app, options);
  const routes = app.withTypeProvider<SchemaTypes>();
  await sessionRoutes(routes, options, 'rap');
  await rapFileRoutes(routes, options);
}
