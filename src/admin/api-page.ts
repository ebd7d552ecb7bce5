import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';

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

/**
 * OpenAPI 3.1 at /openapi.json, made from the schemas of the routes that are registered after this call, and a page to
 * browse and try it at /docs, which works with no network: @fastify/swagger-ui carries all its files.
 */
export async function serveApi(app: FastifyInstance, info: { title: string; version: string; description: string }) {
  await app.register(swagger, { openapi: { openapi: '3.1.0', info }, convertConstToEnum: false });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: NOTHING_FROM_ELSEWHERE,
    theme: { title: info.title },
    uiConfig: { layout: 'BaseLayout', docExpansion: 'list' },
  });
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
}
