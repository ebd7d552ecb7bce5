import type { ServiceName } from '../nouns/market.ts';

/** Base path of each service's HTTPS interface, used in its routes and in the next steps that refusals name. */
export const API: Readonly<Record<ServiceName, `/${ServiceName}/v1`>> = {
  ccass: '/ccass/v1',
  rap: '/rap/v1',
  orp: '/orp/v1',
};

export const SERVICE_TITLE: Readonly<Record<ServiceName, string>> = { ccass: 'CCASS', rap: 'RAP', orp: 'ORP Online' };

/** The service that a path belongs to, whether or not the path exists; null if none. */
export function serviceOfPath(path: string): ServiceName | null {
  const first = path.split(/[/?]/)[1] ?? '';
  return first in API ? (first as ServiceName) : null;
}

/** The page that describes the service of a path. */
export function docsFor(path: string): string {
  return `${API[serviceOfPath(path) ?? 'ccass']}/docs`;
}
