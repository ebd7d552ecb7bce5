import * as schema from '../../api/rap/files.ts';
import { compactDate, isoHkt } from '../../domain/calendar/calendar.ts';
import type { RapFile } from '../../domain/nouns/reports.ts';
import { isRefusal } from '../../domain/refusal.ts';
import { sendRefusal } from '../../http/reply.ts';
import { modifiedAtOf } from '../../service/rap/tree.ts';
import { sendFile } from '../https/download.ts';
import { counted, downloadAnswers, problems, type RouteOptions, sessionOf } from '../session/admit.ts';
import type { TypedRoutes } from '../typed-routes.ts';

/** List and download. */
export async function rapFileRoutes(app: TypedRoutes, { worldOf, callerOf }: RouteOptions): Promise<void> {
  app.get(
    '/files',
    {
      config: { operation: 'reports', needsRuns: true },
      schema: {
        operationId: 'listFiles',
        summary: 'Files that can be downloaded now, newest day first',
        tags: ['file'],
        querystring: schema.FileQuery,
        response: { 200: schema.Files, ...problems },
      },
    },
    async (request) => ({
      rows: counted(request, worldOf(request).rap.listAll(sessionOf(request), request.query)).map(rowOf),
    }),
  );

  app.route({
    method: ['GET', 'HEAD'],
    url: '/files/:folder/:day/:name',
    exposeHeadRoute: false,
    config: { operation: 'download', needsRuns: true },
    schema: {
      operationId: 'downloadFile',
      summary: 'Download a file: GET or HEAD, ranges, ETag',
      tags: ['file'],
      params: schema.FileParams,
      response: downloadAnswers('application/zip', 'The zip'),
    },
    handler: async (request, reply) => {
      const { folder, day, name } = request.params;
      const open = worldOf(request).rap.open(sessionOf(request), `/${folder}/${day}/${name}`, callerOf(request));
      if (isRefusal(open)) return sendRefusal(request, reply, open);
      const { name: fileName, sizeBytes, sha256 } = open.file;
      if (request.method === 'GET') open.opened();
      return sendFile(request, reply, {
        ...{ fileName, sizeBytes, sha256, modifiedAt: modifiedAtOf(open.file) },
        type: 'application/zip',
        noun: { en: 'file', zh: '檔案' },
        compressible: false,
        check: open.check,
        fill: open.fill,
        sent: (first, last, ended) => open.closed(last < first ? [] : [[first, last]], ended),
      });
    },
  });
}

function rowOf({ folder, businessDate, name, reportId, part, publishedAt, sizeBytes, sha256 }: RapFile): schema.File {
  const day = compactDate(businessDate);
  const path = `/${folder}/${day}/${name}`;
  return { path, folder, day, name, reportId, part, businessDate, publishedAt: isoHkt(publishedAt), sizeBytes, sha256 };
}
