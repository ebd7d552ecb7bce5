import type { FastifyInstance } from 'fastify';
import * as own from '../../api/ccass/market.ts';
import { marketDate } from '../../domain/calendar/calendar.ts';
import { isRefusal } from '../../domain/refusal.ts';
import { sendRefusal } from '../../http/reply.ts';
import type { CentreService } from '../../service/service.ts';
import { type CcassOptions, problems, sessionOf } from './desk.ts';
import { duePositionJson, ledgerJson, movementJson, postingJson, stockJson } from './json.ts';

/** Positions, money, the stock list and stock movements. */
export async function marketRoutes(app: FastifyInstance, { service }: CcassOptions): Promise<void> {
  const config = { operation: 'enquire' } as const;

  app.get<{ Querystring: Parameters<CentreService['duePositions']>[1] }>(
    '/due-positions',
    {
      config,
      schema: {
        summary: 'Due and overdue positions, by stock, market or position type',
        tags: ['enquiry'],
        querystring: own.DuePositionQuery,
        response: { 200: own.DuePositions, ...problems },
      },
    },
    async (request, reply) => {
      const page = service.duePositions(sessionOf(request), request.query);
      if (isRefusal(page)) return sendRefusal(request, reply, page, service.now());
      const today = marketDate(service.now());
      return { rows: page.rows.map((row) => duePositionJson(row, today)), next: page.next };
    },
  );

  app.get<{ Querystring: Parameters<CentreService['moneyLedger']>[1] }>(
    '/money-ledger',
    {
      config,
      schema: {
        summary: 'Balances of the money ledger, by currency and sub-account',
        tags: ['enquiry'],
        querystring: own.LedgerQuery,
        response: { 200: own.Ledger, ...problems },
      },
    },
    async (request) => ({ rows: service.moneyLedger(sessionOf(request), request.query).map(ledgerJson) }),
  );

  app.get<{ Querystring: Parameters<CentreService['moneyMovements']>[1] }>(
    '/money-ledger/postings',
    {
      config,
      schema: {
        summary: 'Postings to the money ledger, the oldest first',
        tags: ['enquiry'],
        querystring: own.PostingQuery,
        response: { 200: own.Postings, ...problems },
      },
    },
    async (request, reply) => {
      const page = service.moneyMovements(sessionOf(request), request.query);
      if (isRefusal(page)) return sendRefusal(request, reply, page, service.now());
      return { rows: page.rows.map(postingJson), next: page.next };
    },
  );

  app.get<{ Querystring: Parameters<CentreService['stockList']>[1] }>(
    '/stocks',
    {
      config,
      schema: {
        summary: 'CCASS stock list, by stock code',
        tags: ['enquiry'],
        querystring: own.StockQuery,
        response: { 200: own.Stocks, ...problems },
      },
    },
    async (request, reply) => {
      const page = service.stockList(sessionOf(request), request.query);
      if (isRefusal(page)) return sendRefusal(request, reply, page, service.now());
      return { rows: page.rows.map(stockJson), next: page.next };
    },
  );

  app.get<{ Querystring: Parameters<CentreService['stockMovements']>[1] }>(
    '/stock-movements',
    {
      config,
      schema: {
        summary: 'Stock movements, the oldest first',
        tags: ['enquiry'],
        querystring: own.MovementQuery,
        response: { 200: own.Movements, ...problems },
      },
    },
    async (request, reply) => {
      const page = service.stockMovements(sessionOf(request), request.query);
      if (isRefusal(page)) return sendRefusal(request, reply, page, service.now());
      return { rows: page.rows.map(movementJson), next: page.next };
    },
  );
}
