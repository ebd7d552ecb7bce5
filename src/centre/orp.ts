import type { FastifyInstance } from 'fastify';
import { sessionRoutes } from './desk/session.ts';
import { usersRoutes } from './desk/users.ts';
import { admitAtDesk, type DeskOptions } from './desk.ts';
import { marginRoutes } from './orp/margin.ts';
import { profileRoutes } from './orp/profile.ts';
import { simulationRoutes } from './orp/simulations.ts';

/** /orp/v1: ORP Online, for clearing participants; one line a verb. Business is in service/orp/. */
export async function orp(app: FastifyInstance, options: DeskOptions): Promise<void> {
  admitAtDesk(app, options);
  await sessionRoutes(app, options, 'orp');
  await profileRoutes(app, options);
  await marginRoutes(app, options);
  await simulationRoutes(app, options);
  await usersRoutes(app, options, 'orp');
}
