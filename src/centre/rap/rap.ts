import type { FastifyInstance } from 'fastify';
import { admitAtDesk, type DeskOptions } from '../session/admit.ts';
import type { SchemaTypes } from '../typed-routes.ts';
import { rapFileRoutes } from './files.ts';
import { rapSessionRoutes } from './session.ts';

/** /rap/v1: RAP for tooling without SFTP, by the verbs that serve SFTP. A mock convention: RAP has no web face. */
export async function rap(app: FastifyInstance, options: DeskOptions): Promise<void> {
  admitAtDesk(app, options);
  const routes = app.withTypeProvider<SchemaTypes>();
  await rapSessionRoutes(routes, options);
  await rapFileRoutes(routes, options);
}
