import multipart from '@fastify/multipart';
import * as schema from '../../api/orp/simulations.ts';
import { nothing } from '../../api/parts.ts';
import { API } from '../../domain/access/service-api.ts';
import { isRefusal } from '../../domain/refusal.ts';
import { sendRefusal } from '../../http/reply.ts';
import { accountOf } from '../../service/orp/profile.ts';
import {
  BODY_REFUSALS,
  counted,
  problems,
  problemsOf,
  problemsOfOne,
  type RouteOptions,
  sessionOf,
} from '../session/admit.ts';
import type { TypedRoutes } from '../typed-routes.ts';
import { SIMULATION_LIMIT_BYTES, simulationRequest } from './simulation-body.ts';
import { simulationJson, simulationRowJson } from './simulation-json.ts';

/** Simulations: start one, follow its progress, get the result, cancel it. */
export async function simulationRoutes(app: TypedRoutes, { worldOf, callerOf }: RouteOptions): Promise<void> {
  const tags = ['simulation'];
  // Not `input`: a simulation never reaches the books.
  const config = { operation: 'enquire' } as const;

  app.register(async (bodies: TypedRoutes) => {
    const limits = { files: 2, fields: 4, fileSize: SIMULATION_LIMIT_BYTES, fieldSize: SIMULATION_LIMIT_BYTES };
    await bodies.register(multipart, { limits, throwFileSizeLimit: false });
    bodies.addContentTypeParser('text/csv', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    bodies.post(
      '/simulations',
      {
        config: { ...config, needsRuns: true },
        bodyLimit: SIMULATION_LIMIT_BYTES,
        schema: {
          operationId: 'startSimulation',
          summary: 'Simulate: margin, stress test or both, by access path A, B or C',
          description:
            "Answers at once with the simulation's location, which has its progress and later the result. Send hypothetical trades in JSON or as a csv (instrument,side,quantity,price,currency): as text/csv (path C of the participant's account; the query takes `positions`, `type` and `stressedScenarioSet`), or as the file `trades` of a form whose field `settings` is the JSON. At most 10,000; if any row is invalid, the answer names every invalid row and no trade is accepted.",
          tags,
          consumes: ['application/json', 'text/csv', 'multipart/form-data'],
          body: {
            content: {
              'application/json': { schema: schema.SimulationBody },
              'text/csv': { schema: schema.TradesCsv },
              'multipart/form-data': { schema: schema.TradesForm },
            },
          },
          querystring: schema.CsvQuery,
          response: {
            202: schema.Simulation,
            ...problemsOf(
              ...BODY_REFUSALS,
              'BAD_TRADES',
              'SIMULATION_NOT_OFFERED',
              'TOO_MANY_SIMULATIONS',
              'NOT_FOUND',
            ),
          },
        },
      },
      async (request, reply) => {
        const session = sessionOf(request);
        const caller = callerOf(request);
        const defaults = { account: accountOf(session.participant) };
        const input = await simulationRequest(request, defaults, worldOf(request).orp.readTradeList);
        const started = isRefusal(input) ? input : worldOf(request).orp.simulate(session, input, caller);
        if (isRefusal(started)) return sendRefusal(request, reply, started);
        return reply
          .code(202)
          .header('location', `${API.orp}/simulations/${started.reference}`)
          .send(simulationJson(started, worldOf(request).orp.names()));
      },
    );
  });

  app.get(
    '/simulations',
    {
      config,
      schema: {
        operationId: 'listSimulations',
        summary: "The participant's simulations, newest first",
        tags,
        response: { 200: schema.Simulations, ...problems },
      },
    },
    async (request) => ({
      rows: counted(request, worldOf(request).orp.simulations(sessionOf(request))).map(simulationRowJson),
    }),
  );

  app.get(
    '/simulations/:reference',
    {
      config,
      schema: {
        operationId: 'getSimulation',
        summary: 'Progress of a simulation, and its result once it is done',
        tags,
        params: schema.SimulationParams,
        response: { 200: schema.Simulation, ...problemsOfOne },
      },
    },
    async (request, reply) => {
      const found = worldOf(request).orp.simulation(sessionOf(request), request.params.reference);
      if (isRefusal(found)) return sendRefusal(request, reply, found);
      return simulationJson(found, worldOf(request).orp.names());
    },
  );

  app.delete(
    '/simulations/:reference',
    {
      config,
      schema: {
        operationId: 'removeSimulation',
        summary: 'Cancel a simulation that is under way, or remove one that is done',
        tags,
        params: schema.SimulationParams,
        response: { 204: nothing, ...problemsOf(...BODY_REFUSALS, 'NOT_FOUND') },
      },
    },
    async (request, reply) => {
      const gone = worldOf(request).orp.cancelSimulation(
        sessionOf(request),
        request.params.reference,
        callerOf(request),
      );
      if (isRefusal(gone)) return sendRefusal(request, reply, gone);
      return reply.code(204).send();
    },
  );

  app.get(
    '/stress-sets',
    {
      config,
      schema: {
        operationId: 'listStressSets',
        summary: 'Stressed scenario sets: mock data, or user-supplied (--stress DIR)',
        tags,
        response: { 200: schema.StressSets, ...problems },
      },
    },
    async (request) => ({ rows: counted(request, worldOf(request).orp.stressSets()) }),
  );
}
