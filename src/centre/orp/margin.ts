import * as schema from '../../api/orp/margin.ts';
import { isRefusal } from '../../domain/refusal.ts';
import type { MarginRun } from '../../domain/risk/margin-run.ts';
import { sendRefusal } from '../../http/reply.ts';
import { accountOf } from '../../service/orp/profile.ts';
import { counted, problems, problemsOfOne, type RouteOptions, sessionOf } from '../session/admit.ts';
import type { TypedRoutes } from '../typed-routes.ts';
import { headingJson, historyJson } from './margin-json.ts';

/** What the scheduled runs computed for the participant: positions, margin, MTM, and their history. */
export async function marginRoutes(app: TypedRoutes, { worldOf }: RouteOptions): Promise<void> {
  const config = { operation: 'enquire', needsRuns: true } as const;
  const tags = ['margin'];

  app.get(
    '/margin-runs',
    {
      config,
      schema: {
        operationId: 'listMarginRuns',
        summary: 'Margin runs, newest first, each by component',
        tags,
        querystring: schema.HistoryQuery,
        response: { 200: schema.History, ...problems },
      },
    },
    async (request, reply) => {
      const page = worldOf(request).orp.runHistory(sessionOf(request), request.query);
      if (isRefusal(page)) return sendRefusal(request, reply, page);
      return { rows: counted(request, page.rows).map(historyJson), next: page.next };
    },
  );

  /** The parts of one run, the latest if none is named. */
  const parts = [
    ['/positions', 'getPositions', 'Marginable positions of a run', schema.RunPositions, positionsOf],
    ['/margin', 'getMargin', 'Margin of a run, every component with the figures behind it', schema.RunMargin, marginOf],
    ['/mtm', 'getMtm', 'Mark-to-market of a run, by currency', schema.RunMtm, mtmOf],
  ] as const;
  for (const [path, operationId, summary, answer, content] of parts) {
    app.get(
      path,
      {
        config,
        schema: {
          operationId,
          summary,
          tags,
          querystring: schema.RunQuery,
          response: { 200: answer, ...problemsOfOne },
        },
      },
      async (request, reply) => {
        const session = sessionOf(request);
        const run = worldOf(request).orp.run(session, request.query);
        if (isRefusal(run)) return sendRefusal(request, reply, run);
        return { ...headingJson(run, worldOf(request).orp.names(), accountOf(session.participant)), ...content(run) };
      },
    );
  }
}

const positionsOf = ({ positions }: MarginRun) => ({ rows: positions });
const marginOf = ({ params, result }: MarginRun) => ({ params, margin: result });
const mtmOf = ({ mtm }: MarginRun) => ({ mtm });
