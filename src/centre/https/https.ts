import type { Server } from 'node:https';
import cookie from '@fastify/cookie';
import fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import { CentreFacts } from '../../api/centre.ts';
import { API, docsFor, serviceOfPath } from '../../domain/access/service-api.ts';
import { isoHkt } from '../../domain/calendar/calendar.ts';
import { clientText } from '../../domain/journal/shape.ts';
import type { CentreName, ServiceName } from '../../domain/nouns/market.ts';
import type { Refusal } from '../../domain/refusal.ts';
import { serveApi } from '../../http/api-page.ts';
import { lazyCompilers } from '../../http/compilers.ts';
import { answerErrors, type ErrorOptions, errorAnswer } from '../../http/errors.ts';
import { serveFrontPage } from '../../http/front-page.ts';
import { originForm, refuseBadHead, SERVER_OPTIONS } from '../../http/request-head.ts';
import { isNoted, refusalDetail } from '../../service/access/admission.ts';
import type { Caller } from '../../service/context.ts';
import type { CentreService } from '../../service/service.ts';
import type { Clock } from '../../testbed/clock/clock.ts';
import type { Journal } from '../../testbed/journal/journal.ts';
import { listenerTls } from '../tls/tls.ts';
import { exchangeHead, exchangeOf } from './exchange.ts';
import { centrePage } from './front-page.ts';
import { apiOf, ROUTES, SERVICES } from './services.ts';

/** Wall-time limits of a listener, in milliseconds. Mock conventions: HKEX publishes none. */
export interface HttpTimeouts {
  /** From the first byte of a request to the end of its headers. */
  readonly headersMs: number;
  /** A whole request, body included. */
  readonly requestMs: number;
  /** Without a byte either way while a request is under way. */
  readonly stalledMs: number;
  /** A kept-alive connection between two requests. */
  readonly idleMs: number;
  readonly handshakeMs: number;
  /** How often the first two are checked. */
  readonly checkMs: number;
}

export const HTTP_TIMEOUTS: HttpTimeouts = {
  headersMs: 10_000,
  requestMs: 300_000,
  stalledMs: 30_000,
  idleMs: 65_000,
  handshakeMs: 10_000,
  checkMs: 1_000,
};

/** For JSON bodies only; batch files have their own limit. */
const JSON_LIMIT_BYTES = 64 * 1024;

export interface AppOptions {
  readonly name: CentreName;
  readonly version: string;
  /** Headers of every answer. */
  readonly marks: () => Readonly<Record<string, string>>;
  readonly identity: { readonly key: string; readonly chain: string };
  readonly timeouts: HttpTimeouts;
  /** The centre's service, which a reset replaces. */
  readonly service: () => CentreService;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly logger: FastifyBaseLogger;
}

/** One centre's HTTPS server, built but not listening. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const { name, service, clock, journal, timeouts } = options;
  const mark = (reply: FastifyReply) => {
    reply.headers(options.marks());
    // A standby closes kept-alive connections, so that the line can lead their clients to the active centre.
    if (!service().isActive()) reply.header('connection', 'close');
  };
  const errors: ErrorOptions = {
    bodyLimitBytes: JSON_LIMIT_BYTES,
    docsOf: docsFor,
    entryPoints: ['/centre', ...SERVICES.map((service) => `${API[service]}/docs`)],
    onError(error, { log, method, url }) {
      log.error({ err: error, method, url });
      journal.note(
        'error',
        { centre: name, protocol: 'https' },
        { what: clientText(`${method} ${url}`), says: error.message },
      );
    },
  };
  const answerError = errorAnswer(errors);
  const app = fastify({
    https: {
      ...listenerTls({ ...options.identity, handshakeTimeoutMs: timeouts.handshakeMs }),
      ...SERVER_OPTIONS,
      connectionsCheckingInterval: timeouts.checkMs,
    },
    http: {},
    loggerInstance: options.logger,
    schemaController: lazyCompilers,
    // The journal is the record; a log line per request would halve the throughput.
    logController: new LogController({ disableRequestLogging: true }),
    // No logger per request either: the log line of an error names its request.
    childLoggerFactory: (logger: FastifyBaseLogger) => logger,
    bodyLimit: JSON_LIMIT_BYTES,
    requestTimeout: timeouts.requestMs,
    connectionTimeout: timeouts.stalledMs,
    keepAliveTimeout: timeouts.idleMs,
    return503OnClosing: false,
    rewriteUrl: originForm,
    // For failures before routing, such as a path that cannot be decoded.
    frameworkErrors(error: FastifyError, request: FastifyRequest, reply: FastifyReply) {
      mark(reply);
      return answerError(error, request, reply);
    },
    routerOptions: { maxParamLength: 64, caseSensitive: true },
  } as Parameters<typeof fastify>[0]) as unknown as FastifyInstance;
  const server = app.server as unknown as Server;
  server.headersTimeout = timeouts.headersMs;

  app.removeContentTypeParser('text/plain');

  const callerOf =
    (service: ServiceName) =>
    (request: FastifyRequest): Caller => {
      const userAgent = request.headers['user-agent'] ?? '';
      const exchange = exchangeOf(request.raw);
      if (!exchange) return { service, address: request.socket.remoteAddress ?? '', userAgent, connection: null };
      const { address, id: connection, via } = exchange.connection;
      return { service, protocol: 'https', via, address, userAgent, connection, request: exchange.id };
    };

  const { uploadLimitBytes } = service();
  app.decorate('marketTime', () => clock.now());
  app.decorate('noteRefusal', (request: FastifyRequest, refusal: Refusal) => {
    const exchange = exchangeOf(request.raw);
    if (!exchange || isForBrowsers(request.url)) return;
    exchange.service ??= serviceOfPath(request.url);
    if (exchange.operation === null) {
      exchange.operation = 'unknown';
      exchange.what = clientText(`${request.method} ${request.url.split('?')[0]}`);
    }
    exchange.code = refusal.refusal;
    if (isNoted(refusal)) return;
    const { operation, what } = exchange;
    const verb = { operation, ...(what !== null && { what }) };
    journal.note('refusal', exchangeHead(name, exchange), refusalDetail(refusal, verb));
  });

  app.addHook('onRequest', (request, reply, done) => {
    mark(reply);
    if (!refuseBadHead(request, reply)) done();
  });

  answerErrors(app, errors);
  // Cookies are parsed where a token is needed, not at every request.
  await app.register(cookie, { hook: false });
  const facts = (): CentreFacts => ({
    centre: name,
    active: service().isActive(),
    release: service().release(),
    marketTime: isoHkt(clock.now()),
    line: service().line(),
    simulated: true,
  });
  serveFrontPage(app, () => centrePage(facts()));
  app.get('/centre', { schema: { response: { 200: CentreFacts } } }, async () => facts());
  for (const one of SERVICES) {
    const prefix = API[one];
    await app.register(ROUTES[one], { prefix, uploadLimitBytes, worldOf: service, callerOf: callerOf(one) });
    await app.register(
      async (pages) =>
        serveApi(
          pages,
          apiOf(one, options.version, () => service().line()),
        ),
      { prefix },
    );
  }
  return app;
}

/** Paths that browsers request unasked: refusing them says nothing about a client. */
const FOR_BROWSERS = /^\/(apple-touch-icon(-precomposed)?\.png|robots\.txt|\.well-known\/appspecific\/)/;

const isForBrowsers = (path: string) => FOR_BROWSERS.test(path);
