import type { Duplex } from 'node:stream';
import { finished } from 'node:stream/promises';
import fastify, { type FastifyInstance } from 'fastify';
import Type from '../api/schema-builder.ts';
import { CONTROL, type Control, type ControlOperation, type ControlRequest } from '../control/control.ts';
import { CONTROL_EXAMPLES } from '../control/examples.ts';
import { isRefusal, type Refusal, type RefusalCode } from '../domain/refusal.ts';
import { serveApi } from '../http/api-page.ts';
import { lazyValidators } from '../http/compilers.ts';
import { type EarlyAnswer, earlyAnswer, notAProxy, notTls, problemBytes } from '../http/early-answers.ts';
import { answerErrors, errorAnswer } from '../http/errors.ts';
import { serveFrontPage } from '../http/front-page.ts';
import type { ApiDescription } from '../http/openapi.ts';
import { refusalAnswers } from '../http/refusal-answers.ts';
import { sendRefusal } from '../http/reply.ts';
import { originForm, refuseBadHead, SERVER_OPTIONS } from '../http/request-head.ts';
import { createGate } from './access.ts';
import { registerFollow } from './follow.ts';
import { adminPage } from './front-page.ts';
import { isRawBody, registerRawCsv } from './raw-csv.ts';

export interface AdminOptions {
  readonly control: Control;
  /** Address to listen on; loopback by default. */
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  /** Required of requests from other machines (access.ts). */
  readonly token: string;
  readonly version: string;
  /** Wall milliseconds that headers and a whole request may take, and how often that is checked. */
  readonly timeouts?: { readonly headersMs: number; readonly requestMs: number; readonly checkMs: number };
  /** Called with errors of the harness itself; the caller gets a 500 without details. */
  readonly onError?: (error: Error) => void;
}

export interface Admin {
  readonly url: string;
  readonly port: number;
  /** Ends the journal streams and every connection. */
  close(): Promise<void>;
}

/** Wall milliseconds that a client gets to read an early answer. */
const LINGER_MS = 1_000;
const BODY_LIMIT_BYTES = 64 * 1024;

const TIMEOUTS = { headersMs: 10_000, requestMs: 300_000, checkMs: 1_000 };

const ACCESS = ['BAD_REQUEST', 'TOKEN_NEEDED', 'FOREIGN_ORIGIN'] as const satisfies RefusalCode[];
const ENQUIRY_REFUSED = refusalAnswers(...ACCESS);
const CHANGE_REFUSED = refusalAnswers(
  ...ACCESS,
  ...(['UNREADABLE_BODY', 'TOO_LARGE', 'UNSUPPORTED_MEDIA', 'NOT_FOUND', 'BAD_FILE', 'STORAGE_FULL'] as const),
  ...(['CENTRE_STANDBY', 'CLOCK_BACKWARDS', 'ALREADY_ACTIVE', 'SWITCH_UNDER_WAY', 'TOO_MANY_SNAPSHOTS'] as const),
);

/**
 * Control over HTTP: one route per row of CONTROL, the journal as server-sent events, readiness, OpenAPI and its page.
 * Rejects if the port is taken.
 */
export async function startAdmin(options: AdminOptions): Promise<Admin> {
  const app = await buildAdmin(options);
  const url = await app.listen({ host: options.host, port: options.port });
  const address = app.server.address();
  if (address === null || typeof address === 'string') throw new Error('the admin server has no port');
  return { url: url.replace('[::1]', 'localhost'), port: address.port, close: () => app.close() };
}

/** The admin server, not yet listening. */
export async function buildAdmin({
  control,
  token,
  version,
  timeouts = TIMEOUTS,
  onError,
}: AdminOptions): Promise<FastifyInstance> {
  const errors = {
    bodyLimitBytes: BODY_LIMIT_BYTES,
    docsOf: () => '/docs',
    entryPoints: ['/docs'],
    onError: (error: Error) => onError?.(error),
  };
  const app = fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    forceCloseConnections: true,
    schemaController: lazyValidators,
    frameworkErrors: errorAnswer(errors),
    http: {
      ...SERVER_OPTIONS,
      headersTimeout: timeouts.headersMs,
      connectionsCheckingInterval: timeouts.checkMs,
    },
    requestTimeout: timeouts.requestMs,
    return503OnClosing: false,
    rewriteUrl: originForm,
    clientErrorHandler: answerUnreadable,
  });
  app.server.on('connect', (_request, socket) => endWith(socket, notAProxy()));
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response));
  app.removeContentTypeParser('text/plain');

  const gate = createGate(token);
  app.addHook('onRequest', async (request, reply) => {
    if (refuseBadHead(request, reply)) return reply;
    const refusal = gate(request);
    if (refusal) return sendRefusal(request, reply, refusal);
  });
  // A request without members may have no body.
  app.addHook('preValidation', async (request) => {
    if (request.method !== 'GET') request.body ??= {};
  });
  // A body that is too large is read to its end: otherwise a client that is still sending would find the connection
  // closed and not learn why.
  app.addHook('onSend', async (request, reply) => {
    if (reply.statusCode === 413 || (reply.statusCode >= 400 && isRawBody(request)))
      await finished(request.raw.resume()).catch(() => undefined);
  });
  answerErrors(app, errors);

  const api = adminApi(control, version);
  serveFrontPage(app, async () => adminPage(unrefused(await control.state({}))));
  serveApi(app, api);
  await app.register(async (described) => api.routes(described));
  return app;
}

/** The source of the admin's API page and OpenAPI document, and of its routes. */
export function adminApi(control: Control, version: string): ApiDescription {
  return {
    title: 'ccass-harness: control',
    version,
    description: 'Steers a simulated CCASS on your own machine. SIMULATED - not affiliated with HKEX.',
    server: { scheme: 'http', port: 7080 },
    security: () => ({ token: { type: 'http', scheme: 'bearer' } }),
    securityOptional: true,
    routes(app) {
      for (const name of Object.keys(CONTROL) as ControlOperation[]) registerOperation(app, control, name);
      registerFollow(app, control);
      registerRawCsv(app, control);
      const ready = Type.Object({ ready: Type.Literal(true), version: Type.String() });
      const schema = { summary: 'Answers as soon as the harness is up', operationId: 'ready', tags: ['readiness'] };
      const response = { 200: ready, ...ENQUIRY_REFUSED };
      app.get('/ready', { schema: { ...schema, response } }, async () => ({ ready: true, version }));
    },
  };
}

/** The answer of an operation that refuses nothing. @throws Error */
function unrefused<T>(answer: T | Refusal): T {
  if (isRefusal(answer)) throw new Error(answer.detail.en);
  return answer;
}

const TLS_RECORD = 0x16;

/** Answers a request that Node's parser cannot read. */
function answerUnreadable({ code, rawPacket }: { readonly code: string; readonly rawPacket: unknown }, socket: Duplex) {
  const isTls = rawPacket instanceof Uint8Array && rawPacket[0] === TLS_RECORD;
  const answer = isTls ? notTls() : earlyAnswer(code);
  if (answer === null || !socket.writable) socket.destroy();
  else endWith(socket, answer);
}

/** Answers and closes. What the client still sends is read for a moment, or a reset would lose the answer. */
function endWith(socket: Duplex, answer: EarlyAnswer): void {
  socket.on('error', () => undefined);
  socket.resume();
  socket.end(problemBytes(answer));
  AbortSignal.timeout(LINGER_MS).addEventListener('abort', () => socket.destroy(), { once: true });
}

function registerOperation<K extends ControlOperation>(app: FastifyInstance, control: Control, name: K) {
  const operation = CONTROL[name];
  const { method, path, summary, request: input, answer } = operation;
  const run = control[name] as (request: ControlRequest<K>) => Promise<unknown>;
  const inQuery = method === 'GET';
  const example = CONTROL_EXAMPLES[name];
  app.route({
    method,
    url: path,
    bodyLimit: 'bodyLimitBytes' in operation ? operation.bodyLimitBytes : BODY_LIMIT_BYTES,
    schema: {
      summary,
      operationId: name,
      tags: ['control'],
      ...(inQuery ? { querystring: input } : { body: { ...input, ...(example && { examples: [example] }) } }),
      response: { 200: answer, ...(inQuery ? ENQUIRY_REFUSED : CHANGE_REFUSED) },
    },
    handler: async (request, reply) => {
      const result = await run((inQuery ? request.query : request.body) as ControlRequest<K>);
      return isRefusal(result) ? sendRefusal(request, reply, result) : result;
    },
  });
}
