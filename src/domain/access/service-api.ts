import type { ServiceName } from '../nouns/market.ts';

/** Where each service's HTTPS interface stands at a centre: for its routes, and for the next step in a refusal's words. */
export const API: Readonly<Record<ServiceName, `/${ServiceName}/v1`>> = {
  ccass: '/ccass/v1',
  rap: '/rap/v1',
  orp: '/orp/v1',
};

/** The service that a path belongs to, known or not; null = none. */
export function serviceOfPath(path: string): ServiceName | null {
  const first = path.split(/[/?]/)[1] ?? '';
  return first in API ? (first as ServiceName) : null;
}

/** The page that has all routes and shapes of the service that a path belongs to. */
export function docsFor(path: string): string {
  return `${API[serviceOfPath(path) ?? 'ccass']}/docs`;
}
