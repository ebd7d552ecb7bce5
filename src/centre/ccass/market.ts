import * as schema from '../../api/ccass/market.ts';
import { marketDate } from '../../domain/calendar/calendar.ts';
import { isRefusal } from '../../domain/refusal.ts';
import { sendRefusal } from '../../http/reply.ts';
import {
  duePositions,
  moneyLedger,
  moneyMovements,
  stockList,
  stockMovements,
} from '../../service/ccass/market-enquiries.ts';
import { counted, problems, type RouteOptions, sessionOf } from '../session/admit.ts';
import type { TypedRoutes } from '../typed-routes.ts';
import { duePositionJson, ledgerJson, movementJson, postingJson, stockJson } from './json.ts';

/** Positions, money, the stock list and stock movements. */
export async function marketRoutes(app: TypedRoutes, { worldOf }: RouteOptions): Promise<void> {
  const config = { operation: 'enquire' } as const;

  app.get(
    '/due-positions',
    {
      config,
      schema: {
        operationId: 'listDuePositions',
        summary: 'Due and overdue positions, by stock, market or position type',
        tags: ['enquiry'],
        querystring: schema.DuePositionQuery,
        response: { 200: schema.DuePositions, ...problems },
      },
    },
    async (request, reply) => {
      const page = duePositions(worldOf(request).context, sessionOf(request), request.query);
      if (isRefusal(page)) return sendRefusal(request, reply, page);
      const today = marketDate(worldOf(request).now());
      return { rows: counted(request, page.rows).map((row) => duePositionJson(row, today)), next: page.next };
    },
  );

  app.get(
    '/money-ledger',
    {
      config,
      schema: {
        operationId: 'getMoneyLedger',
        summary: 'Balances of the money ledger, by currency and sub-account',
        tags: ['enquiry'],
        querystring: schema.LedgerQuery,
        response: { 200: schema.Ledger, ...problems },
      },
    },
    async (request) => ({
      rows: counted(request, moneyLedger(worldOf(request).context, sessionOf(request), request.query)).map(ledgerJson),
    }),
  );

  app.get(
    '/money-ledger/postings',
    {
      config,
      schema: {
        operationId: 'listMoneyPostings',
        summary: 'Postings to the money ledger, oldest first',
        tags: ['enquiry'],
        querystring: schema.PostingQuery,
        response: { 200: schema.Postings, ...problems },
      },
    },
    async (request, reply) => {
      const page = moneyMovements(worldOf(request).context, sessionOf(request), request.query);
      if (isRefusal(page)) return sendRefusal(request, reply, page);
      return { rows: counted(request, page.rows).map(postingJson), next: page.next };
    },
  );

  app.get(
    '/stocks',
    {
      config,
      schema: {
        operationId: 'listStocks',
        summary: 'CCASS stock list, by stock code',
        tags: ['enquiry'],
        querystring: schema.StockQuery,
        response: { 200: schema.Stocks, ...problems },
      },
    },
    async (request, reply) => {
      const page = stockList(worldOf(request).context, request.query);
      if (isRefusal(page)) return sendRefusal(request, reply, page);
      return { rows: counted(request, page.rows).map(stockJson), next: page.next };
    },
  );

  app.get(
    '/stock-movements',
    {
      config,
      schema: {
        operationId: 'listStockMovements',
        summary: 'Stock movements, oldest first',
        tags: ['enquiry'],
        querystring: schema.MovementQuery,
        response: { 200: schema.Movements, ...problems },
      },
    },
    async (request, reply) => {
      const page = stockMovements(worldOf(request).context, sessionOf(request), request.query);
      if (isRefusal(page)) return sendRefusal(request, reply, page);
      return { rows: counted(request, page.rows).map(movementJson), next: page.next };
    },
  );
}
