import type { FastifyInstance, FastifyRequest } from 'fastify';
import { nearest } from '../domain/nearest.ts';
import { type Refusal, refuse } from '../domain/refusal.ts';

/**
 * Follows the routes that are registered from now on. The function that comes back says what is wrong with a request that
 * none of them takes: METHOD_NOT_ALLOWED with the methods of its path as `allow`, or NOT_FOUND with the `nearest` paths.
 * @param docsOf the page that describes the routes around a path
 * @param entryPoints named where no route is near
 */
export function unknownRoutes(
  app: FastifyInstance,
  docsOf: (path: string) => string,
  entryPoints: readonly string[],
): (request: FastifyRequest) => Refusal {
  /** Path as written in the route, with its parameters -> its methods. */
  const routes = new Map<
    string,
    { readonly pattern: RegExp; readonly methods: Set<string>; readonly hidden: boolean }
  >();
  app.addHook('onRoute', ({ url, method, schema }) => {
    const known = routes.get(url) ?? { pattern: patternOf(url), methods: new Set(), hidden: schema?.hide === true };
    routes.set(url, known);
    for (const one of [method].flat()) known.methods.add(one);
  });

  return ({ method, url }) => {
    const path = url.split('?')[0] ?? '';
    const docs = docsOf(path);
    const here = [...routes.values()].filter(({ pattern }) => pattern.test(path));
    const allow = [...new Set(here.flatMap(({ methods }) => [...methods]))].sort();
    if (allow.length > 0 && !allow.includes(method)) return wrongMethod(method, allow, docs);
    const visible = [...routes].filter(([, { hidden }]) => !hidden).map(([each]) => each);
    return noRoute(`${method} ${path.slice(0, 200)}`, nearest(path, visible), entryPoints, docs);
  };
}

/** `/batches/:reference` takes one segment for the parameter, `/files/*` any rest. */
function patternOf(url: string): RegExp {
  const escaped = url.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replace(/:[A-Za-z]+/g, '[^/]+')}$`);
}

function wrongMethod(method: string, allow: readonly string[], docs: string): Refusal {
  const words = {
    en: `${method} is not possible here. Use ${allow.join(' or ')}. All routes: ${docs}`,
    zh: `此處不接受 ${method}，請使用 ${allow.join(' 或 ')}。全部路徑：${docs}`,
  };
  return refuse('METHOD_NOT_ALLOWED', words, { more: { allow } });
}

function noRoute(what: string, near: readonly string[], entryPoints: readonly string[], docs: string): Refusal {
  const shown = near.length > 0 ? near : entryPoints;
  const words = {
    en: `There is no ${what} here. Nearest: ${shown.join(', ')}. All of them: ${docs}`,
    zh: `此處並無 ${what}。最接近的路徑：${shown.join('、')}。全部路徑：${docs}`,
  };
  return refuse('NOT_FOUND', words, { more: { nearest: near } });
}
