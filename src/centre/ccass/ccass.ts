import type { FastifyInstance } from 'fastify';
import { admitAtDesk } from '../session/admit.ts';
import { sessionRoutes } from '../session/session.ts';
import { usersRoutes } from '../session/users.ts';
import { batchesRoutes } from './batches.ts';
import type { CcassOptions } from './desk.ts';
import { enquiriesRoutes } from './enquiries.ts';
import { instructionsRoutes } from './instructions.ts';
import { maintenanceRoutes } from './maintenance.ts';
import { marketRoutes } from './market.ts';
import { reportsRoutes } from './reports.ts';
import { transfersRoutes } from './transfers.ts';

/** /ccass/v1: one line a verb; business is in service/. Admission comes before the body is read. */
export async function ccass(app: FastifyInstance, options: CcassOptions): Promise<void> {
  admitAtDesk(app, options);
  await sessionRoutes(app, options, 'ccass');
  await enquiriesRoutes(app, options);
  await marketRoutes(app, options);
  await instructionsRoutes(app, options);
  await maintenanceRoutes(app, options);
  await transfersRoutes(app, options);
  await batchesRoutes(app, options);
  await reportsRoutes(app, options);
  await usersRoutes(app, options, 'ccass');
}
