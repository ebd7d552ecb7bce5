import type { FastifyReply, FastifyRequest } from 'fastify';
import { InstructionParams } from '../../api/ccass/instructions.ts';
import * as schema from '../../api/ccass/maintenance.ts';
import { isRefusal, type Refusal } from '../../domain/refusal.ts';
import type { InstructionRow } from '../../domain/settlement/batch.ts';
import type { InstructionChange } from '../../domain/settlement/instruction.ts';
import { sendRefusal } from '../../http/reply.ts';
import { inputInstructions, maintainInstructions, type RowResult } from '../../service/ccass/maintenance.ts';
import { counted, problemsOfInput, type RouteOptions, sessionOf } from '../session/admit.ts';
import type { TypedRoutes } from '../typed-routes.ts';
import { centsOf, resultsJson } from './json.ts';

/** SI Maintenance: A input, B authorise, C change, D delete, E revoke, hold and release (docs/si-life.md). */
export async function maintenanceRoutes(app: TypedRoutes, { worldOf, callerOf }: RouteOptions): Promise<void> {
  const config = { operation: 'input' } as const;
  const tags = ['SI maintenance'];
  const response = { 200: schema.RowResults, ...problemsOfInput };

  function answer(request: FastifyRequest, reply: FastifyReply, results: readonly RowResult[] | Refusal) {
    return isRefusal(results) ? sendRefusal(request, reply, results) : resultsJson(counted(request, results));
  }

  app.post(
    '/settlement-instructions',
    {
      config,
      schema: {
        operationId: 'inputInstructions',
        summary: 'Input settlement instructions; valid rows execute, each refused row has its reason code',
        tags,
        body: schema.InputBody,
        response,
      },
    },
    async (request, reply) =>
      answer(
        request,
        reply,
        await inputInstructions(
          worldOf(request).context,
          sessionOf(request),
          worldOf(request).market,
          request.body.rows.map(inputRow),
          callerOf(request),
        ),
      ),
  );

  app.patch(
    '/settlement-instructions/:number',
    {
      config,
      schema: {
        operationId: 'changeInstruction',
        summary: 'Change a pending or unmatched settlement instruction',
        tags,
        params: InstructionParams,
        body: schema.InstructionChange,
        response,
      },
    },
    async (request, reply) => {
      const command = { act: 'change', numbers: [request.params.number], change: changeOf(request.body) } as const;
      return answer(
        request,
        reply,
        await maintainInstructions(
          worldOf(request).context,
          sessionOf(request),
          worldOf(request).market,
          command,
          callerOf(request),
        ),
      );
    },
  );

  for (const [act, operationId, summary] of [
    ['authorise', 'authoriseInstructions', 'Authorise pending settlement instructions'],
    ['delete', 'deleteInstructions', 'Delete pending or unmatched settlement instructions'],
    ['revoke', 'revokeInstructions', 'Revoke matched settlement instructions'],
  ] as const) {
    app.post(
      `/settlement-instructions/${act}`,
      { config, schema: { operationId, summary, tags, body: schema.NumbersBody, response } },
      async (request, reply) =>
        answer(
          request,
          reply,
          await maintainInstructions(
            worldOf(request).context,
            sessionOf(request),
            worldOf(request).market,
            {
              act,
              ...request.body,
            },
            callerOf(request),
          ),
        ),
    );
  }

  app.post(
    '/settlement-instructions/hold',
    {
      config,
      schema: {
        operationId: 'holdInstructions',
        summary: 'Hold or release matched settlement instructions',
        tags,
        body: schema.HoldBody,
        response,
      },
    },
    async (request, reply) =>
      answer(
        request,
        reply,
        await maintainInstructions(
          worldOf(request).context,
          sessionOf(request),
          worldOf(request).market,
          {
            act: 'hold',
            ...request.body,
          },
          callerOf(request),
        ),
      ),
  );
}

function inputRow(row: schema.InstructionInput): InstructionRow {
  return {
    reference: row.reference,
    side: row.side === 'deliver' ? 'D' : 'R',
    stock: row.stock.padStart(5, '0'),
    isin: row.isin ?? '',
    quantity: row.quantity,
    counterparty: row.counterparty,
    account: row.account,
    payment: row.payment,
    currency: row.currency ?? '',
    amountCents: centsOf(row.amount ?? '0'),
    settlementDate: row.settlementDate,
    hold: row.hold ? 'Y' : 'N',
    narrative: row.narrative ?? '',
  };
}

function changeOf({ currency, amount, hold, ...same }: schema.InstructionChange): InstructionChange {
  return {
    ...same,
    ...(currency === undefined ? {} : { currency: currency ?? '' }),
    ...(amount === undefined ? {} : { amountCents: centsOf(amount) }),
    ...(hold === undefined ? {} : { hold: hold ? 'Y' : 'N' }),
  };
}
