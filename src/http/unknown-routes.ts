import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { API, docsFor } from '../domain/access/service-api.ts';
import { nearest } from '../domain/nearest.ts';
import type { Instant } from '../domain/nouns/market.ts';
import { refuse } from '../domain/refusal.ts';
import { sendRefusal } from './reply.ts';

/**
 * Answers requests that no route takes: 404 with the nearest routes, or 405 with `Allow` where the path is there and the
 * method is not. To be called before any route is registered.
 */
export function answerUnknownRoutes(app: FastifyInstance, now: () => Instant): void {
  /** Path as written in the route, with its parameters -> its methods. */
  const routes = new Map<string, { readonly pattern: RegExp; readonly methods: Set<string> }>();
  app.addHook('onRoute', ({ url, method }) => {
    const known = routes.get(url) ?? { pattern: patternOf(url), methods: new Set<string>() };
    routes.set(url, known);
    for (const one of [method].flat()) known.methods.add(one);
  });

  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0] ?? '';
    const allowed = [...routes.values()]
      .filter(({ pattern }) => pattern.test(path))
      .flatMap(({ methods }) => [...methods]);
    const isKnown = allowed.length > 0 && !allowed.includes(request.method);
    if (isKnown) reply.header('allow', [...new Set(allowed)].sort().join(', '));
    const near = nearest(
      path,
      [...routes.keys()].filter((url) => !url.includes('*')),
    );
    const shown = near.length > 0 ? near : WAYS_IN;
    return sendRefusal(request, reply, isKnown ? wrongMethod(request, reply) : noRoute(request, shown), now());
  });
}

/** For whoever is nowhere near: what needs no log-on and tells the rest. */
const WAYS_IN = ['/centre', ...Object.values(API).map((path) => `${path}/docs`)];

/** `/batches/:reference` takes one segment for the parameter, `/docs/*` any rest. */
function patternOf(url: string): RegExp {
  const escaped = url.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replace(/:[A-Za-z]+/g, '[^/]+')}$`);
}

function wrongMethod(request: FastifyRequest, reply: FastifyReply) {
  const docs = docsFor(request.url);
  const allowed = String(reply.getHeader('allow')).split(', ');
  return refuse('METHOD_NOT_ALLOWED', {
    en: `${request.method} is not possible here. Use ${allowed.join(' or ')}. All routes: ${docs}`,
    zh: `此處不接受 ${request.method}，請使用 ${allowed.join(' 或 ')}。全部路徑：${docs}`,
  });
}

function noRoute({ method, url }: FastifyRequest, near: readonly string[]) {
  const path = url.split('?')[0] ?? '';
  const docs = docsFor(path);
  return refuse('NOT_FOUND', {
    en: `There is no ${method} ${path} here. Nearest: ${near.join(', ')}. All of them: ${docs}`,
    zh: `此處並無 ${method} ${path}。最接近的路徑：${near.join('、')}。全部路徑：${docs}`,
  });
}
