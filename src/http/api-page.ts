import { createReadStream } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { type ApiDescription, openApi } from './openapi.ts';
import type { OpenApiDocument } from './schema-names.ts';

/** What the page takes of @fastify/swagger-ui, which carries all of it. */
const SWAGGER_UI = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
} as const;

/** Nothing but this very server: the page works with no network, and could not reach one. Swagger UI needs inline styles. */
const POLICY = [
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
 * Serves /openapi.json and /docs, a page to browse it and to try the routes, below the prefix of `app`. The document is
 * generated at the first request for it, so that no start loads the generator.
 */
export function serveApi(app: FastifyInstance, api: ApiDescription): void {
  let document: Promise<OpenApiDocument> | undefined;
  app.get('/openapi.json', async ({ protocol, host }) => {
    document ??= openApi(api);
    // The address by which this client came: a generated client then needs no other.
    return { ...(await document), servers: [{ url: `${protocol}://${host}` }] };
  });
  const hidden = { schema: { hide: true } };
  for (const [url, options] of [
    ['/docs', {}],
    ['/docs/', hidden],
  ] as const) {
    app.get(url, options, async (_request, reply) =>
      reply
        .type('text/html; charset=utf-8')
        .header('content-security-policy', POLICY)
        .send(page(app.prefix, api.title)),
    );
  }
  app.get('/docs/start.js', hidden, async (_request, reply) =>
    reply.type('text/javascript; charset=utf-8').send(start(app.prefix)),
  );
  for (const [file, type] of Object.entries(SWAGGER_UI)) {
    app.get(`/docs/${file}`, hidden, async (_request, reply) => {
      const path = new URL(`static/${file}`, import.meta.resolve('@fastify/swagger-ui'));
      return reply.type(type).send(createReadStream(path));
    });
  }
}

function page(prefix: string, title: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${title}</title>
<link rel="icon" href="${prefix}/docs/favicon-32x32.png">
<link rel="stylesheet" href="${prefix}/docs/swagger-ui.css"></head>
<body><div id="page"></div>
<script src="${prefix}/docs/swagger-ui-bundle.js"></script><script src="${prefix}/docs/start.js"></script></body>
</html>
`;
}

function start(prefix: string): string {
  return `SwaggerUIBundle({ url: '${prefix}/openapi.json', dom_id: '#page', layout: 'BaseLayout', validatorUrl: null });\n`;
}
