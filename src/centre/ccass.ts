import type { FastifyInstance } from 'fastify';
import { batchesRoutes } from './ccass/batches.ts';
import type { CcassOptions } from './ccass/desk.ts';
import { enquiriesRoutes } from './ccass/enquiries.ts';
import { instructionsRoutes } from './ccass/instructions.ts';
import { maintenanceRoutes } from './ccass/maintenance.ts';
import { marketRoutes } from './ccass/market.ts';
import { reportsRoutes } from './ccass/reports.ts';
import { transfersRoutes } from './ccass/transfers.ts';
import { sessionRoutes } from './desk/session.ts';
import { usersRoutes } from './desk/users.ts';
import { admitAtDesk } from './desk.ts';

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
