import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { lazyCompilers } from './compilers.ts';

/**
 * Nothing but this very server: whatever the page's scripts were to ask for, the browser fetches nothing from elsewhere.
 * Inline styles are Swagger UI's own.
 */
const NOTHING_FROM_ELSEWHERE = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

interface Api {
  readonly title: string;
  readonly version: string;
  readonly description: string;
  /** Registers what the document is to tell of. */
  readonly routes: (app: FastifyInstance) => void;
}

/**
 * OpenAPI 3.1 at /openapi.json, made from the schemas of the routes, and a page to browse and try it at /docs, which works
 * with no network: @fastify/swagger-ui carries all its files. Both are of a second instance with the same routes, which
 * is built when somebody asks for the first time and never listens, so that no start waits for the generator.
 */
export function serveApi(app: FastifyInstance, api: Api): void {
  let pages: Promise<FastifyInstance> | undefined;
  const handOver = async (request: FastifyRequest, reply: FastifyReply) => {
    pages ??= withPages(api);
    const { routing } = await pages;
    reply.hijack();
    routing(request.raw, reply.raw);
  };
  for (const url of ['/openapi.json', '/docs', '/docs/*']) app.get(url, { schema: { hide: true } }, handOver);
}

async function withPages({ routes, ...info }: Api): Promise<FastifyInstance> {
  const [{ default: fastify }, { default: swagger }, { default: swaggerUi }] = await Promise.all([
    import('fastify'),
    import('@fastify/swagger'),
    import('@fastify/swagger-ui'),
  ]);
  const app = fastify({ schemaController: lazyCompilers });
  await app.register(swagger, { openapi: { openapi: '3.1.0', info }, convertConstToEnum: false });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: NOTHING_FROM_ELSEWHERE,
    theme: { title: info.title },
    uiConfig: { layout: 'BaseLayout', docExpansion: 'list' },
  });
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
  app.register(async (api) => routes(api));
  await app.ready();
  return app;
}
