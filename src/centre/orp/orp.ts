import type { FastifyInstance } from 'fastify';
import { admitAtDesk, type DeskOptions } from '../session/admit.ts';
import { sessionRoutes } from '../session/session.ts';
import { usersRoutes } from '../session/users.ts';
import { marginRoutes } from './margin.ts';
import { profileRoutes } from './profile.ts';
import { simulationRoutes } from './simulations.ts';

/** /orp/v1: ORP Online, for clearing participants; one line a verb. Business is in service/orp/. */
export async function orp(app: FastifyInstance, options: DeskOptions): Promise<void> {
  admitAtDesk(app, options);
  await sessionRoutes(app, options, 'orp');
  await profileRoutes(app, options);
  await marginRoutes(app, options);
  await simulationRoutes(app, options);
  await usersRoutes(app, options, 'orp');
}
