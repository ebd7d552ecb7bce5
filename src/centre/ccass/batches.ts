import multipart from '@fastify/multipart';
import type { FastifyReply, FastifyRequest } from 'fastify';
import * as schema from '../../api/ccass/batches.ts';
import { PageQuery } from '../../api/parts.ts';
import { isRefusal } from '../../domain/refusal.ts';
import { sendRefusal } from '../../http/reply.ts';
import { refused } from '../../service/access/admission.ts';
import { batch, batches } from '../../service/ccass/enquiries.ts';
import { readOn, uploadedFile } from '../https/upload.ts';
import { counted, problems, type RouteOptions, sessionOf } from '../session/admit.ts';
import type { TypedRoutes } from '../typed-routes.ts';
import { batchJson } from './json.ts';

/** Batch upload and its status. */
export async function batchesRoutes(
  app: TypedRoutes,
  { worldOf, callerOf, uploadLimitBytes }: RouteOptions,
): Promise<void> {
  app.register(async (uploads: TypedRoutes) => {
    // An upload is a stream whatever it calls itself; upload.ts decides what it accepts.
    uploads.removeAllContentTypeParsers();
    await uploads.register(multipart, { limits: { files: 2, fields: 20, fileSize: uploadLimitBytes + 1 } });
    uploads.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    uploads.post(
      '/batches',
      {
        config: { operation: 'upload' },
        schema: {
          summary: 'Upload a batch file: raw body or multipart/form-data, gzip accepted',
          description:
            'Answers as soon as the file is safely kept, or while many of yours wait, when one of them is done. The same bytes again give the same reference.',
          tags: ['batch'],
          consumes: ['text/plain', 'application/octet-stream', 'multipart/form-data'],
          response: { 200: schema.Batch, 202: schema.Batch, ...problems },
        },
      },
      async (request, reply) => {
        const file = await uploadedFile(request);
        const kept = isRefusal(file)
          ? refused(worldOf(request).context, file, { operation: 'upload' }, callerOf(request), sessionOf(request))
          : await worldOf(request).submitBatch(sessionOf(request), file, callerOf(request));
        if (isRefusal(kept)) return refuseUpload(request, reply, kept);
        return reply
          .code(kept.repeat ? 200 : 202)
          .header('location', `/ccass/v1/batches/${kept.batch.reference}`)
          .send({ ...batchJson(kept.batch), repeat: kept.repeat });
      },
    );
  });

  async function refuseUpload(
    request: FastifyRequest,
    reply: FastifyReply,
    refusal: Parameters<typeof sendRefusal>[2],
  ) {
    await readOn(request.raw, uploadLimitBytes);
    // What was not read even so must not be taken for the next request.
    if (!request.raw.complete) reply.header('connection', 'close');
    return sendRefusal(request, reply, refusal);
  }

  app.get(
    '/batches',
    {
      config: { operation: 'enquire' },
      schema: {
        summary: 'Batches, the newest first',
        tags: ['batch'],
        querystring: PageQuery,
        response: { 200: schema.Batches, ...problems },
      },
    },
    async (request, reply) => {
      const page = batches(worldOf(request).context, sessionOf(request), request.query);
      if (isRefusal(page)) return sendRefusal(request, reply, page);
      return { rows: counted(request, page.rows).map(batchJson), next: page.next };
    },
  );

  app.get(
    '/batches/:reference',
    {
      config: { operation: 'enquire' },
      schema: {
        summary: 'Status of a batch',
        tags: ['batch'],
        params: schema.BatchParams,
        response: { 200: schema.Batch, ...problems },
      },
    },
    async (request, reply) => {
      const found = batch(worldOf(request).context, sessionOf(request), request.params.reference);
      return isRefusal(found) ? sendRefusal(request, reply, found) : batchJson(found);
    },
  );
}
