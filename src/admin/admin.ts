import { finished } from 'node:stream/promises';
import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { TSchema } from 'typebox';
import Type from '../api/schema-builder.ts';
import { CONTROL, type Control, type ControlOperation, type ControlRequest } from '../control/control.ts';
import { isRefusal, type Refusal } from '../domain/refusal.ts';
import { HTTP_STATUS, languageOf, problemOf } from '../http/problem.ts';
import { createGate } from './access.ts';
import { serveApi } from './api-page.ts';
import { lazyCompilers } from './compilers.ts';
import { registerFollow } from './follow.ts';
import { mistakeOf, notHere, propertiesOf } from './mistakes.ts';

export interface AdminOptions {
  readonly control: Control;
  /** Address to listen on; loopback unless the tester opens it. */
  readonly host: string;
  /** 0 = any free one. */
  readonly port: number;
  /** Asked of whoever does not come from this machine (access.ts). */
  readonly token: string;
  readonly version: string;
  /** Told of our own faults; the caller gets a 500 without particulars. */
  readonly onFault?: (fault: Error) => void;
}

export interface Admin {
  readonly url: string;
  readonly port: number;
  /** Ends the journal streams and every connection. */
  close(): Promise<void>;
}

const BODY_LIMIT_BYTES = 64 * 1024;

const Problem = Type.Object(
  { type: Type.String(), title: Type.String(), status: Type.Integer(), code: Type.String(), detail: Type.String() },
  { additionalProperties: true },
);
const refused = { description: 'Refused (RFC 9457)', content: { 'application/problem+json': { schema: Problem } } };

/**
 * Control over HTTP: one route per row of CONTROL, the journal as server-sent events, readiness, OpenAPI and its page.
 * Rejects if the port is taken.
 */
export async function startAdmin(options: AdminOptions): Promise<Admin> {
  const app = await buildAdmin(options);
  const url = await app.listen({ host: options.host, port: options.port });
  const address = app.server.address();
  if (address === null || typeof address === 'string') throw new Error('the admin server listens on no port');
  return { url: url.replace('[::1]', 'localhost'), port: address.port, close: () => app.close() };
}

/** The admin server, not yet listening. */
export async function buildAdmin({ control, token, version, onFault }: AdminOptions): Promise<FastifyInstance> {
  const app = Fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    forceCloseConnections: true,
    schemaController: lazyCompilers,
  });
  app.removeContentTypeParser('text/plain');

  const gate = createGate(token);
  app.addHook('onRequest', async (request, reply) => {
    const refusal = gate(request);
    if (refusal) return refuseWith(request, reply, refusal);
  });
  // Before validation: a query is text, and a request that takes nothing may come without a body.
  app.addHook('preValidation', async (request) => {
    if (request.method === 'GET') request.query = withIntegers(request.query, request.routeOptions.schema?.querystring);
    else request.body ??= {};
  });

  const here: { method: string; path: string }[] = [];
  app.addHook('onRoute', ({ method, url, schema }) => {
    if (!schema?.hide) here.push(...[method].flat().map((each) => ({ method: each, path: url })));
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0] ?? '/';
    const known = here.filter((route) => route.method !== 'HEAD' && route.path !== '*');
    const refusal = notHere(request.method, path, [...known, { method: 'GET', path: '/openapi.json' }]);
    if (Array.isArray(refusal.more?.allow)) reply.header('allow', refusal.more.allow.join(', '));
    return refuseWith(request, reply, refusal);
  });
  app.setErrorHandler<FastifyError>(async (error, request, reply) => {
    const schema = request.routeOptions.schema;
    const inQuery = error.validationContext === 'querystring';
    const asked = (inQuery ? schema?.querystring : schema?.body) as TSchema | undefined;
    const refusal = mistakeOf(
      error,
      asked,
      inQuery ? request.query : request.body,
      request.routeOptions.bodyLimit ?? BODY_LIMIT_BYTES,
    );
    // Read to its end: while it is still sending, a client finds the connection closed and does not hear why.
    if (refusal?.refusal === 'TOO_LARGE') await finished(request.raw.resume()).catch(() => undefined);
    if (refusal) return refuseWith(request, reply, refusal);
    onFault?.(error);
    const detail = 'A fault of the harness, not of the request. The journal has the particulars (kind `error`).';
    return reply
      .code(500)
      .type('application/problem+json')
      .send(JSON.stringify({ type: 'about:blank', title: 'Internal error', status: 500, code: 'INTERNAL', detail }));
  });

  serveApi(app, {
    title: 'ccass-harness: control',
    version,
    description: 'Steers a simulated CCASS on your own machine. SIMULATED - not affiliated with HKEX.',
    routes,
  });
  await app.register(async (api) => routes(api));
  return app;

  function routes(api: FastifyInstance): void {
    for (const name of Object.keys(CONTROL) as ControlOperation[]) registerOperation(api, control, name);
    registerFollow(api, control);
    const ready = Type.Object({ ready: Type.Literal(true), version: Type.String() });
    const schema = { summary: 'Answers as soon as the harness is up', operationId: 'ready', response: { 200: ready } };
    api.get('/ready', { schema: { ...schema, tags: ['readiness'] } }, async () => ({ ready: true, version }));
  }
}

function registerOperation<K extends ControlOperation>(app: FastifyInstance, control: Control, name: K) {
  const operation = CONTROL[name];
  const { method, path, summary, request: asked, answer } = operation;
  const run = control[name] as (request: ControlRequest<K>) => Promise<unknown>;
  const inQuery = method === 'GET';
  app.route({
    method,
    url: path,
    bodyLimit: 'bodyLimitBytes' in operation ? operation.bodyLimitBytes : BODY_LIMIT_BYTES,
    schema: {
      summary,
      operationId: name,
      tags: ['control'],
      ...(inQuery ? { querystring: asked } : { body: asked }),
      response: { 200: answer, default: refused },
    },
    handler: async (request, reply) => {
      const result = await run((inQuery ? request.query : request.body) as ControlRequest<K>);
      return isRefusal(result) ? refuseWith(request, reply, result) : result;
    },
  });
}

function refuseWith(request: FastifyRequest, reply: FastifyReply, refusal: Refusal) {
  const language = languageOf(request.headers['accept-language']);
  const status = HTTP_STATUS[refusal.refusal];
  if (status === 401) reply.header('www-authenticate', 'Bearer realm="ccass-harness"');
  return reply
    .code(status)
    .header('content-language', language)
    .type('application/problem+json')
    .send(JSON.stringify(problemOf(refusal, language)));
}

/** Numbers where the schema wants an integer and the text is one; anything else stays and is refused by the schema. */
function withIntegers(query: unknown, schema: unknown): unknown {
  const properties = propertiesOf(schema as TSchema | undefined);
  return Object.fromEntries(
    Object.entries(Object(query)).map(([name, value]) => {
      const property: { type?: unknown } | undefined = properties[name];
      const whole = property?.type === 'integer' && typeof value === 'string' && /^-?\d{1,15}$/.test(value);
      return [name, whole ? Number(value) : value];
    }),
  );
}
