import multipart from '@fastify/multipart';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isRefusal } from '../domain/refusal.ts';
import type { Operation } from '../domain/rehearsal.ts';
import type { Caller } from '../service/context.ts';
import type { CentreService } from '../service/service.ts';
import type { Session } from '../service/sessions.ts';
import {
  balanceJson,
  batchJson,
  broadcastJson,
  instructionJson,
  loggedOnJson,
  profileJson,
  reportJson,
} from './ccass-json.ts';
import * as schema from './ccass-schemas.ts';
import { sendReport } from './download.ts';
import { sendRefusal } from './reply.ts';
import { readOn, uploadedFile } from './upload.ts';

const COOKIE = 'ccass_session';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by admission before the body is read; routes that need no session leave it null. */
    session: Session | null;
  }
  interface FastifyContextConfig {
    /** What the timetable calls this verb. */
    operation?: Operation;
    /** False for the verbs that anyone may call. */
    needsSession?: boolean;
  }
}

export interface CcassOptions {
  readonly service: CentreService;
  readonly callerOf: (request: FastifyRequest) => Caller;
}

/** /ccass/v1: one line a verb; business is in service/. Admission comes before the body is read. */
export async function ccass(app: FastifyInstance, { service, callerOf }: CcassOptions): Promise<void> {
  app.decorateRequest('session', null);

  app.addHook('onRequest', async (request, reply) => {
    const { operation, needsSession = true } = request.routeOptions.config;
    if (operation === undefined) return;
    const caller = callerOf(request);
    const admitted = needsSession
      ? service.admitSession(operation, tokenOf(request), caller)
      : service.admitAnyone(operation, caller);
    if (isRefusal(admitted)) return sendRefusal(request, reply, admitted, service.now());
    if ('ordinal' in admitted) request.session = admitted;
  });

  const sessionOf = (request: FastifyRequest): Session => {
    if (!request.session) throw new Error(`${request.url} was reached without admission`);
    return request.session;
  };
  const problem = {
    description: 'Refused (RFC 9457)',
    content: { 'application/problem+json': { schema: schema.Problem } },
  };
  const problems = { '4xx': problem, '5xx': problem };

  app.post<{ Body: Parameters<CentreService['logon']>[0] }>(
    '/session',
    {
      config: { operation: 'logon', needsSession: false },
      schema: {
        summary: 'Log on',
        tags: ['session'],
        body: schema.LogonBody,
        response: { 201: schema.LoggedOn, ...problems },
      },
    },
    async (request, reply) => {
      const answer = await service.logon(request.body, callerOf(request));
      if (isRefusal(answer)) return sendRefusal(request, reply, answer, service.now());
      reply.setCookie(COOKIE, answer.token, { path: '/ccass', secure: true, httpOnly: true, sameSite: 'strict' });
      return reply.code(201).send(loggedOnJson(answer, service.idleMinutes));
    },
  );

  app.delete(
    '/session',
    {
      config: { operation: 'logoff' },
      schema: { summary: 'Log off', tags: ['session'], response: { 204: { type: 'null' }, ...problems } },
    },
    async (request, reply) => {
      service.logoff(sessionOf(request), callerOf(request));
      return reply.clearCookie(COOKIE, { path: '/ccass' }).code(204).send();
    },
  );

  app.get(
    '/profile',
    {
      config: { operation: 'enquire' },
      schema: {
        summary: 'Own participant and user',
        tags: ['enquiry'],
        response: { 200: schema.Profile, ...problems },
      },
    },
    async (request) => profileJson(service.profile(sessionOf(request))),
  );

  app.get<{ Querystring: Parameters<CentreService['stockBalances']>[1] }>(
    '/stock-balances',
    {
      config: { operation: 'enquire' },
      schema: {
        summary: 'Stock balances, by account and stock',
        tags: ['enquiry'],
        querystring: schema.BalanceQuery,
        response: { 200: schema.Balances, ...problems },
      },
    },
    async (request, reply) => {
      const page = service.stockBalances(sessionOf(request), request.query);
      if (isRefusal(page)) return sendRefusal(request, reply, page, service.now());
      return { rows: page.rows.map(balanceJson), next: page.next };
    },
  );

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

  app.get(
    '/broadcasts',
    {
      config: { operation: 'broadcasts' },
      schema: {
        summary: 'Broadcast messages, the newest first',
        tags: ['enquiry'],
        response: { 200: schema.Broadcasts, ...problems },
      },
    },
    async (request) => ({ rows: service.broadcasts(sessionOf(request)).map(broadcastJson) }),
  );

  app.register(async (uploads) => {
    // An upload is a stream whatever it calls itself; upload.ts decides what it accepts.
    uploads.removeAllContentTypeParsers();
    await uploads.register(multipart, { limits: { files: 2, fields: 20, fileSize: service.uploadLimitBytes + 1 } });
    uploads.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    uploads.post(
      '/batches',
      {
        config: { operation: 'upload' },
        schema: {
          summary: 'Upload a batch file: raw body or multipart/form-data, gzip accepted',
          description: 'Answers as soon as the file is safely kept. The same bytes again give the same reference.',
          tags: ['batch'],
          consumes: ['text/plain', 'application/octet-stream', 'multipart/form-data'],
          response: { 200: schema.Batch, 202: schema.Batch, ...problems },
        },
      },
      async (request, reply) => {
        const file = await uploadedFile(request);
        const kept = isRefusal(file)
          ? service.refuseUpload(sessionOf(request), file, callerOf(request))
          : await service.submitBatch(sessionOf(request), file, callerOf(request));
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
    await readOn(request.raw, service.uploadLimitBytes);
    // What was not read even so must not be taken for the next request.
    if (!request.raw.complete) reply.header('connection', 'close');
    return sendRefusal(request, reply, refusal, service.now());
  }

  app.get(
    '/batches',
    {
      config: { operation: 'enquire' },
      schema: { summary: 'Batches, the newest first', tags: ['batch'], response: { 200: schema.Batches, ...problems } },
    },
    async (request) => ({ rows: service.batches(sessionOf(request)).map(batchJson) }),
  );

  app.get<{ Params: { reference: string } }>(
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
      const batch = service.batch(sessionOf(request), request.params.reference);
      return isRefusal(batch) ? sendRefusal(request, reply, batch, service.now()) : batchJson(batch);
    },
  );

  app.get<{ Querystring: { id?: string; businessDate?: string } }>(
    '/reports',
    {
      config: { operation: 'reports' },
      schema: {
        summary: 'Reports that can be fetched now, the newest first',
        tags: ['report'],
        querystring: schema.ReportQuery,
        response: { 200: schema.Reports, ...problems },
      },
    },
    async (request) => ({
      rows: service
        .reports(sessionOf(request), request.query)
        .map((report) => reportJson(report, service.reportName(report.id))),
    }),
  );

  app.route<{ Params: { reference: string } }>({
    method: ['GET', 'HEAD'],
    url: '/reports/:reference',
    exposeHeadRoute: false,
    config: { operation: 'download' },
    schema: {
      summary: 'Download a report: GET or HEAD, ranges, ETag',
      tags: ['report'],
      params: schema.BatchParams,
      response: {
        200: { description: 'The report', content: { 'text/plain': { schema: { type: 'string' } } } },
        ...problems,
      },
    },
    handler: async (request, reply) => {
      const open = service.openReport(sessionOf(request), request.params.reference, callerOf(request));
      return isRefusal(open)
        ? sendRefusal(request, reply, open, service.now())
        : sendReport(request, reply, open, service.now());
    },
  });
}

function tokenOf(request: FastifyRequest): string | null {
  const bearer = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1];
  return bearer ?? request.cookies[COOKIE] ?? null;
}
