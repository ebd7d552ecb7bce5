import multipart from '@fastify/multipart';
import type { FastifyReply, FastifyRequest } from 'fastify';
import * as schema from '../../api/ccass/batches.ts';
import { PageQuery } from '../../api/parts.ts';
import { isRefusal } from '../../domain/refusal.ts';
import { ROW_REASON_LIST } from '../../domain/settlement/row-refusals.ts';
import { refusalAnswers } from '../../http/refusal-answers.ts';
import { sendRefusal } from '../../http/reply.ts';
import { refused } from '../../service/access/admission.ts';
import { batch, batches } from '../../service/ccass/enquiries.ts';
import { discardBody, uploadedFile } from '../https/upload.ts';
import { BODY_REFUSALS, counted, problems, problemsOf, type RouteOptions, sessionOf } from '../session/admit.ts';
import type { TypedRoutes } from '../typed-routes.ts';
import { batchJson } from './json.ts';

/** Batch upload and its status. */
export async function batchesRoutes(
  app: TypedRoutes,
  { worldOf, callerOf, uploadLimitBytes }: RouteOptions,
): Promise<void> {
  app.register(async (uploads: TypedRoutes) => {
    // An upload is a stream, whatever its Content-Type; upload.ts decides what it accepts.
    uploads.removeAllContentTypeParsers();
    await uploads.register(multipart, { limits: { files: 2, fields: 20, fileSize: uploadLimitBytes + 1 } });
    uploads.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    uploads.post(
      '/batches',
      {
        config: { operation: 'upload' },
        schema: {
          operationId: 'uploadBatch',
          summary: 'Upload a batch file: raw body or multipart/form-data, gzip accepted',
          description:
            'Answers once the file is durably stored; when too many of your batches are waiting, once one of them is done. The same bytes again return the same reference.',
          tags: ['batch'],
          streamed: schema.UPLOAD,
          response: { 200: schema.Batch, 202: schema.Batch, ...problemsOfUpload },
        },
      },
      async (request, reply) => {
        const file = await uploadedFile(request);
        const result = isRefusal(file)
          ? refused(worldOf(request).context, file, { operation: 'upload' }, callerOf(request), sessionOf(request))
          : await worldOf(request).submitBatch(sessionOf(request), file, callerOf(request));
        if (isRefusal(result)) return refuseUpload(request, reply, result);
        return reply
          .code(result.repeat ? 200 : 202)
          .header('location', `/ccass/v1/batches/${result.batch.reference}`)
          .send({ ...batchJson(result.batch), repeat: result.repeat });
      },
    );
  });

  async function refuseUpload(
    request: FastifyRequest,
    reply: FastifyReply,
    refusal: Parameters<typeof sendRefusal>[2],
  ) {
    await discardBody(request.raw, uploadLimitBytes);
    // Bytes that are still unread must not be parsed as the next request.
    if (!request.raw.complete) reply.header('connection', 'close');
    return sendRefusal(request, reply, refusal);
  }

  app.get(
    '/batches',
    {
      config: { operation: 'enquire' },
      schema: {
        operationId: 'listBatches',
        summary: 'Batches, newest first',
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
        operationId: 'getBatch',
        summary: 'Status of a batch, with a page of its refused rows',
        description:
          'Ask again while `status` is received or processing. The refused rows are in order of the file; `cursor` and `limit` choose their page.',
        tags: ['batch'],
        params: schema.BatchParams,
        querystring: PageQuery,
        response: { 200: schema.BatchStatus, ...problemsOf('NOT_FOUND', 'BAD_CURSOR', 'FILE_DAMAGED') },
      },
    },
    async (request, reply) => {
      const world = worldOf(request);
      const found = batch(world.context, sessionOf(request), request.params.reference);
      if (isRefusal(found)) return sendRefusal(request, reply, found);
      const refusedRows = await world.refusedRows(found, request.query);
      if (isRefusal(refusedRows)) return sendRefusal(request, reply, refusedRows);
      if (found.refused > 0) reply.header('link', `<${ROW_REASONS}>; rel="help"`);
      return { ...batchJson(found), refusedRows: { ...refusedRows, rows: counted(request, refusedRows.rows) } };
    },
  );

  app.get(
    '/row-reasons',
    {
      schema: {
        operationId: 'listRowReasons',
        summary: 'Every reason for which a row is refused, and the next step; needs no session',
        tags: ['batch'],
        security: [],
        response: { 200: schema.RowReasons, ...refusalAnswers('BAD_REQUEST') },
      },
    },
    async () => ({ rows: ROW_REASON_LIST }),
  );
}

const problemsOfUpload = problemsOf(...BODY_REFUSALS, 'STORAGE_FULL', 'WRONG_PARTICIPANT', 'SEQUENCE_USED');
const ROW_REASONS = '/ccass/v1/row-reasons';
