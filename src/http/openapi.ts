import fastify, { type FastifyInstance } from 'fastify';

import { lazyCompilers } from './compilers.ts';
import { nameSchemas, type OpenApiDocument } from './schema-names.ts';

declare module 'fastify' {
  interface FastifySchema {
    /** What OpenAPI says of a request that the route reads as a stream, and so does not validate. */
    readonly streamed?: { readonly body: object; readonly headers: object };
  }
}

/** What OpenAPI says of some routes. */
export interface ApiDescription {
  readonly title: string;
  readonly version: string;
  readonly description: string;
  /** Where the routes are, unless the server that answers says better. */
  readonly server: { readonly scheme: 'http' | 'https'; readonly port: number };
  /** How a caller may prove who he is: OpenAPI's security schemes, any of which will do. Asked for with the document. */
  readonly security: () => Readonly<Record<string, SecurityScheme>>;
  /** True if a caller on the same machine need not prove it. */
  readonly securityOptional?: boolean;
  /** Registers the routes that are described. None of them is called. */
  readonly routes: (app: FastifyInstance) => Promise<void> | void;
}
type SecurityScheme =
  | { readonly type: 'http'; readonly scheme: 'bearer' }
  | { readonly type: 'apiKey'; readonly in: 'cookie'; readonly name: string };

/**
 * The OpenAPI 3.1 document, read off the routes in an instance that never listens. Schemas with a title become named
 * components, so that generated clients have one type for one thing.
 */
export async function openApi(api: ApiDescription): Promise<OpenApiDocument> {
  const { title, version, description, server, security, securityOptional = false, routes } = api;
  const schemes = { ...security() };
  const { default: swagger } = await import('@fastify/swagger');
  const app = fastify({ schemaController: lazyCompilers });
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title, version, description, license: { name: 'MIT', identifier: 'MIT' } },
      servers: [
        {
          url: `${server.scheme}://{host}:{port}`,
          description: 'A harness on your own machine',
          variables: { host: { default: '127.0.0.1' }, port: { default: String(server.port) } },
        },
      ],
      components: { securitySchemes: schemes },
      security: [...Object.keys(schemes).map((name) => ({ [name]: [] })), ...(securityOptional ? [{}] : [])],
    },
    convertConstToEnum: false,
    transform: ({ schema, url }) => {
      const { streamed, ...rest } = schema ?? {};
      return { schema: streamed ? { ...rest, ...streamed } : rest, url };
    },
  });
  await app.register(async (described) => routes(described));
  await app.ready();
  return nameSchemas(app.swagger() as unknown as OpenApiDocument);
}
