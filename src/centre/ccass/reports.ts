import * as schema from '../../api/ccass/reports.ts';
import { isRefusal } from '../../domain/refusal.ts';
import { sendRefusal } from '../../http/reply.ts';
import { listReports, openReport, reportName } from '../../service/reports/reports.ts';
import { sendReport } from '../https/download.ts';
import { counted, downloadAnswers, problems, type RouteOptions, sessionOf } from '../session/admit.ts';
import type { TypedRoutes } from '../typed-routes.ts';
import { reportsJson } from './json.ts';

/** Report list and download. */
export async function reportsRoutes(app: TypedRoutes, { worldOf, callerOf }: RouteOptions): Promise<void> {
  app.get(
    '/reports',
    {
      config: { operation: 'reports' },
      schema: {
        operationId: 'listReports',
        summary: 'Reports that can be downloaded now, newest first, and those that could not be made',
        tags: ['report'],
        querystring: schema.ReportQuery,
        response: { 200: schema.Reports, ...problems },
      },
    },
    async (request) => {
      const { context, catalogue } = worldOf(request);
      const listed = counted(request, listReports(context, sessionOf(request), request.query, catalogue));
      return reportsJson(listed, (id) => reportName(catalogue, id));
    },
  );

  app.route({
    method: ['GET', 'HEAD'],
    url: '/reports/:reference',
    exposeHeadRoute: false,
    config: { operation: 'download' },
    schema: {
      operationId: 'downloadReport',
      summary: 'Download a report: GET or HEAD, ranges, ETag, gzip',
      tags: ['report'],
      params: schema.ReportParams,
      response: downloadAnswers('text/plain', 'The report', 'REPORT_NOT_MADE'),
    },
    handler: async (request, reply) => {
      const open = openReport(
        worldOf(request).context,
        sessionOf(request),
        request.params.reference,
        callerOf(request),
        worldOf(request).catalogue,
      );
      return isRefusal(open) ? sendRefusal(request, reply, open) : sendReport(request, reply, open);
    },
  });
}
