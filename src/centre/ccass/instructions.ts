import * as schema from '../../api/ccass/instructions.ts';
import { isRefusal } from '../../domain/refusal.ts';
import { sendRefusal } from '../../http/reply.ts';
import { instruction, instructions } from '../../service/ccass/enquiries.ts';
import { counted, problems, problemsOfOne, type RouteOptions, sessionOf } from '../session/admit.ts';
import type { TypedRoutes } from '../typed-routes.ts';
import { instructionJson } from './json.ts';

/** Settlement instructions. */
export async function instructionsRoutes(app: TypedRoutes, { worldOf }: RouteOptions): Promise<void> {
  app.get(
    '/settlement-instructions',
    {
      config: { operation: 'enquire' },
      schema: {
        operationId: 'listInstructions',
        summary: 'Settlement instructions, by SI number',
        tags: ['enquiry'],
        querystring: schema.InstructionQuery,
        response: { 200: schema.Instructions, ...problems },
      },
    },
    async (request, reply) => {
      const page = instructions(worldOf(request).context, sessionOf(request), request.query);
      if (isRefusal(page)) return sendRefusal(request, reply, page);
      return { rows: counted(request, page.rows).map(instructionJson), next: page.next };
    },
  );

  app.get(
    '/settlement-instructions/:number',
    {
      config: { operation: 'enquire' },
      schema: {
        operationId: 'getInstruction',
        summary: 'One settlement instruction',
        tags: ['enquiry'],
        params: schema.InstructionParams,
        response: { 200: schema.Instruction, ...problemsOfOne },
      },
    },
    async (request, reply) => {
      const row = instruction(worldOf(request).context, sessionOf(request), request.params.number);
      return isRefusal(row) ? sendRefusal(request, reply, row) : instructionJson(row);
    },
  );
}
