import * as schema from '../../api/ccass/enquiries.ts';
import { PageQuery } from '../../api/parts.ts';
import { isRefusal } from '../../domain/refusal.ts';
import { sendRefusal } from '../../http/reply.ts';
import { EVERYONE } from '../../service/access/admission.ts';
import { broadcasts, profile, stockBalances } from '../../service/ccass/enquiries.ts';
import { counted, problems, type RouteOptions, sessionOf } from '../session/admit.ts';
import type { TypedRoutes } from '../typed-routes.ts';
import { balanceJson, broadcastJson, profileJson } from './json.ts';

/** What a participant may look up besides its instructions: profile, stock balances, broadcasts. */
export async function enquiriesRoutes(app: TypedRoutes, { worldOf }: RouteOptions): Promise<void> {
  app.get(
    '/profile',
    {
      config: { operation: 'enquire', roles: EVERYONE },
      schema: {
        operationId: 'getProfile',
        summary: 'The participant and user of this session',
        tags: ['enquiry'],
        response: { 200: schema.Profile, ...problems },
      },
    },
    async (request) => profileJson(profile(worldOf(request).context, sessionOf(request))),
  );

  app.get(
    '/stock-balances',
    {
      config: { operation: 'enquire' },
      schema: {
        operationId: 'listStockBalances',
        summary: 'Stock balances, by account and stock',
        tags: ['enquiry'],
        querystring: schema.BalanceQuery,
        response: { 200: schema.Balances, ...problems },
      },
    },
    async (request, reply) => {
      const page = stockBalances(worldOf(request).context, sessionOf(request), request.query);
      if (isRefusal(page)) return sendRefusal(request, reply, page);
      return { rows: counted(request, page.rows).map(balanceJson), next: page.next };
    },
  );

  app.get(
    '/broadcasts',
    {
      config: { operation: 'broadcasts' },
      schema: {
        operationId: 'listBroadcasts',
        summary: 'Broadcast messages, newest first',
        tags: ['enquiry'],
        querystring: PageQuery,
        response: { 200: schema.Broadcasts, ...problems },
      },
    },
    async (request, reply) => {
      const page = broadcasts(worldOf(request).context, request.query);
      if (isRefusal(page)) return sendRefusal(request, reply, page);
      return { rows: counted(request, page.rows).map(broadcastJson), next: page.next };
    },
  );
}
