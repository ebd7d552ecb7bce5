import type { FastifyInstance } from 'fastify';
import * as schema from '../../api/ccass/ccass.ts';
import { isRefusal } from '../../domain/refusal.ts';
import { sendRefusal } from '../../http/reply.ts';
import type { CentreService } from '../../service/service.ts';
import { type CcassOptions, problems, sessionOf } from './desk.ts';
import { instructionJson } from './json.ts';

/** Settlement instructions. */
export async function instructionsRoutes(app: FastifyInstance, { service }: CcassOptions): Promise<void> {
  app.get<{ Querystring: Parameters<CentreService['instructions']>[1] }>(
    '/settlement-instructions',
    {
      config: { operation: 'enquire' },
      schema: {
        summary: 'Settlement instructions, by SI number',
        tags: ['enquiry'],
        querystring: schema.InstructionQuery,
        response: { 200: schema.Instructions, ...problems },
      },
    },
    async (request, reply) => {
      const page = service.instructions(sessionOf(request), request.query);
      if (isRefusal(page)) return sendRefusal(request, reply, page, service.now());
      return { rows: page.rows.map(instructionJson), next: page.next };
    },
  );

  app.get<{ Params: { number: string } }>(
    '/settlement-instructions/:number',
    {
      config: { operation: 'enquire' },
      schema: {
        summary: 'One settlement instruction',
        tags: ['enquiry'],
        params: schema.InstructionParams,
        response: { 200: schema.Instruction, ...problems },
      },
    },
    async (request, reply) => {
      const row = service.instruction(sessionOf(request), request.params.number);
      return isRefusal(row) ? sendRefusal(request, reply, row, service.now()) : instructionJson(row);
    },
  );
}
