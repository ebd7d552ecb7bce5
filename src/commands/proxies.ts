import type { Environment } from './config.ts';

/** Names that lead to this machine. A suffix is for the clients that match whole names only, such as Node's. */
const LOOPBACK_NAMES = ['127.0.0.1', 'localhost', '.localhost', '::1'];

/**
 * The variables that keep clients from sending requests for this machine, or for `urls`, to a proxy. What the user excluded
 * stays; programs read one of the two spellings, so both are set.
 */
export function pastProxies(
  { NO_PROXY: upper, no_proxy: lower }: Environment,
  urls: readonly string[] = [],
): Record<'NO_PROXY' | 'no_proxy', string> {
  const hosts = urls.map((url) => new URL(url).hostname.replace(/^\[|\]$/g, ''));
  const added = [...LOOPBACK_NAMES, ...hosts];
  return { NO_PROXY: excluding(upper || lower || '', added), no_proxy: excluding(lower || upper || '', added) };
}

/** The environment of a child process: `extra` as well, and nothing of this harness goes through a proxy. */
export function childProcessEnvironment(
  environment: Environment,
  extra: Readonly<Record<string, string>>,
): Environment {
  const { CCASS_HARNESS_LINE: line } = extra;
  return { ...environment, ...extra, ...pastProxies(environment, line === undefined ? [] : [line]) };
}

function excluding(given: string, added: readonly string[]): string {
  const names = given
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  // It excludes every host, but for some programs only if it stands alone.
  if (names.includes('*')) return '*';
  return [...new Set([...names, ...added])].join(',');
}
