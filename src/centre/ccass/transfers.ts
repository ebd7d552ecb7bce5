import * as schema from '../../api/ccass/transfers.ts';
import { isoHkt } from '../../domain/calendar/calendar.ts';
import type { AccountTransfer } from '../../domain/nouns/instructions.ts';
import { isRefusal } from '../../domain/refusal.ts';
import type { TransferRow } from '../../domain/settlement/transfer.ts';
import { sendRefusal } from '../../http/reply.ts';
import { inputTransfers, transfers } from '../../service/ccass/transfers.ts';
import { counted, problems, problemsOfInput, type RouteOptions, sessionOf } from '../session/admit.ts';
import type { TypedRoutes } from '../typed-routes.ts';
import { resultsJson } from './json.ts';

/** Account transfer instructions (ATI): move shares between two accounts of the same participant. */
export async function transfersRoutes(app: TypedRoutes, { worldOf, callerOf }: RouteOptions): Promise<void> {
  const tags = ['account transfers'];

  app.post(
    '/account-transfers',
    {
      config: { operation: 'input' },
      schema: {
        operationId: 'inputTransfers',
        summary: 'Input account transfers; valid rows execute, each refused row has its reason code',
        tags,
        body: schema.TransfersBody,
        response: { 200: schema.TransferResults, ...problemsOfInput },
      },
    },
    async (request, reply) => {
      const results = await inputTransfers(
        worldOf(request).context,
        sessionOf(request),
        worldOf(request).market,
        request.body.rows.map(transferRow),
        callerOf(request),
      );
      return isRefusal(results) ? sendRefusal(request, reply, results) : resultsJson(counted(request, results));
    },
  );

  app.get(
    '/account-transfers',
    {
      config: { operation: 'enquire' },
      schema: {
        operationId: 'listTransfers',
        summary: 'Account transfers, by ATI number',
        tags,
        querystring: schema.TransferQuery,
        response: { 200: schema.Transfers, ...problems },
      },
    },
    async (request, reply) => {
      const page = transfers(worldOf(request).context, sessionOf(request), request.query);
      if (isRefusal(page)) return sendRefusal(request, reply, page);
      return { rows: counted(request, page.rows).map(transferJson), next: page.next };
    },
  );
}

function transferRow({ stock, isin = '', narrative = '', ...same }: schema.TransferInput): TransferRow {
  return { ...same, stock: stock.padStart(5, '0'), isin, narrative };
}

function transferJson({
  user,
  inputAt,
  doneAt,
  participant: _,
  inputDate: __,
  ...row
}: AccountTransfer): schema.Transfer {
  return { ...row, inputBy: user, inputAt: isoHkt(inputAt), doneAt: doneAt === undefined ? null : isoHkt(doneAt) };
}
