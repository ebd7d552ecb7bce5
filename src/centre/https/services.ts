import type { FastifyInstance } from 'fastify';
import { API, SERVICE_TITLE } from '../../domain/access/service-api.ts';
import type { ServiceName } from '../../domain/nouns/market.ts';
import type { ApiDescription } from '../../http/openapi.ts';
import { ccass } from '../ccass/ccass.ts';
import { orp } from '../orp/orp.ts';
import { rap } from '../rap/rap.ts';
import { cookieName, type RouteOptions } from '../session/admit.ts';

/** The routes of each service that a centre has. */
export const ROUTES: Readonly<Record<ServiceName, (app: FastifyInstance, options: RouteOptions) => Promise<void>>> = {
  ccass,
  rap,
  orp,
};
export const SERVICES = Object.keys(ROUTES) as ServiceName[];

/** Where `up` has the line unless told otherwise. */
const USUAL_PORT = 7043;
const USUAL_LINE = `https://127.0.0.1:${USUAL_PORT}`;

/**
 * The source of a service's API page and OpenAPI document.
 * @param line the URL of the line, which is asked for once the document is
 */
export function apiOf(name: ServiceName, version: string, line = () => USUAL_LINE): ApiDescription {
  return {
    title: `${SERVICE_TITLE[name]}, simulated by ccass-harness`,
    version,
    description: 'A mock convention: HKEX publishes no such interface. Not affiliated with HKEX.',
    server: { scheme: 'https', port: USUAL_PORT },
    security: () => ({
      bearer: { type: 'http', scheme: 'bearer' },
      cookie: { type: 'apiKey', in: 'cookie', name: cookieName(name, line()) },
    }),
    async routes(app) {
      const { default: cookie } = await import('@fastify/cookie');
      await app.register(cookie);
      const options = { uploadLimitBytes: 0, worldOf: neverCalled, callerOf: neverCalled };
      await app.register(ROUTES[name], { prefix: API[name], ...options });
    },
  };
}

function neverCalled(): never {
  throw new Error('the OpenAPI document is generated from the routes; it calls none of them');
}
