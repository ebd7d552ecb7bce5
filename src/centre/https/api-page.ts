import { createReadStream } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { API } from '../../domain/access/service-api.ts';
import type { ServiceName } from '../../domain/nouns/market.ts';
import type { CentreService } from '../../service/service.ts';
import { ccass } from '../ccass/ccass.ts';
import { orp } from '../orp/orp.ts';
import { rap } from '../rap/rap.ts';
import { COOKIE, type DeskOptions } from '../session/admit.ts';

/** The services that have an HTTPS interface, with what their page is headed. */
const PAGES = {
  ccass: { title: 'CCASS', routes: ccass },
  rap: { title: 'RAP', routes: rap },
  orp: { title: 'ORP Online', routes: orp },
} as const satisfies Readonly<
  Partial<Record<ServiceName, { title: string; routes: (app: FastifyInstance, options: DeskOptions) => Promise<void> }>>
>;
export type Paged = keyof typeof PAGES;

/** What the page takes of @fastify/swagger-ui, which carries all of it. */
const SWAGGER_UI = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
} as const;

/** Nothing but this very server: the page works with no network, and could not reach one. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'";

/**
 * /openapi.json and /docs of a service. The document is read off the routes themselves, in an instance that never
 * listens, and only when somebody asks, so the generator takes no part in start-up.
 */
export async function apiPage(
  app: FastifyInstance,
  { version, name }: { readonly version: string; readonly name: Paged },
): Promise<void> {
  let document: Promise<object> | undefined;
  app.get('/openapi.json', async () => {
    document ??= openApi(version, name);
    return document;
  });
  app.get('/docs', async (_request, reply) =>
    reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', POLICY)
      .send(page(app.prefix, titleOf(name))),
  );
  app.get('/docs/start.js', async (_request, reply) =>
    reply.type('text/javascript; charset=utf-8').send(start(app.prefix)),
  );
  for (const [file, type] of Object.entries(SWAGGER_UI)) {
    app.get(`/docs/${file}`, async (_request, reply) => {
      const path = new URL(`static/${file}`, import.meta.resolve('@fastify/swagger-ui'));
      return reply.type(type).send(createReadStream(path));
    });
  }
}

function titleOf(name: Paged): string {
  return `${PAGES[name].title}, simulated by ccass-harness`;
}

function page(prefix: string, title: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${title}</title>
<link rel="stylesheet" href="${prefix}/docs/swagger-ui.css"></head>
<body><div id="page"></div>
<script src="${prefix}/docs/swagger-ui-bundle.js"></script><script src="${prefix}/docs/start.js"></script></body>
</html>
`;
}

function start(prefix: string): string {
  return `SwaggerUIBundle({ url: '${prefix}/openapi.json', dom_id: '#page', layout: 'BaseLayout', validatorUrl: null });\n`;
}

/** The OpenAPI 3.1 document of a service. */
export async function openApi(version: string, name: Paged): Promise<object> {
  const [{ default: fastify }, { default: swagger }, { default: cookie }] = await Promise.all([
    import('fastify'),
    import('@fastify/swagger'),
    import('@fastify/cookie'),
  ]);
  const app = fastify();
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: titleOf(name),
        version,
        description: 'A mock convention: HKEX publishes no such interface. Not affiliated with HKEX.',
      },
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer' },
          cookie: { type: 'apiKey', in: 'cookie', name: COOKIE[name] },
        },
      },
      security: [{ bearer: [] }, { cookie: [] }],
    },
  });
  await app.register(cookie);
  // The routes are read, never called: no verb of the service is reached from here.
  await app.register(PAGES[name].routes, {
    prefix: API[name],
    service: { uploadLimitBytes: 0 } as CentreService,
    callerOf: neverCalled,
  });
  await app.ready();
  return app.swagger();
}

function neverCalled(): never {
  throw new Error('the OpenAPI document is read off the routes; they are not called');
}
