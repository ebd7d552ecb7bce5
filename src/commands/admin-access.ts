import { ConfigurationError, type Environment } from './config.ts';
import { adminPort, DEFAULT_BASE, LAST_BASE } from './ports.ts';

export interface AdminFlags {
  readonly admin?: string;
  readonly portBase?: string;
  readonly token?: string;
}

/** Where to steer a harness; `by` says what named the address, null = nothing did, so it is the default one. */
export interface AdminAccess {
  readonly url: string;
  readonly token?: string;
  readonly by: string | null;
}

/** The harness to control: by --admin, --port-base, CCASS_HARNESS_ADMIN, CCASS_HARNESS_PORT_BASE, or port 7080 here. */
export function adminAccess(flags: AdminFlags, environment: Environment): AdminAccess {
  const sources = [
    { by: '--admin', from: 'the flag', came: flags.admin, urlOf: adminUrl },
    { by: '--port-base', from: 'the flag', came: flags.portBase, urlOf: baseUrl },
    { by: '--admin', from: 'CCASS_HARNESS_ADMIN', came: environment.CCASS_HARNESS_ADMIN || undefined, urlOf: adminUrl },
    {
      ...{ by: '--port-base', from: 'CCASS_HARNESS_PORT_BASE', urlOf: baseUrl },
      came: environment.CCASS_HARNESS_PORT_BASE || undefined,
    },
  ];
  const named = sources.find(({ came }) => came !== undefined);
  const token = flags.token ?? environment.CCASS_HARNESS_TOKEN;
  const url = named ? named.urlOf(named.came ?? '') : baseUrl(String(DEFAULT_BASE));
  if (typeof url === 'string')
    return { url, by: named ? (named.from === 'the flag' ? named.by : named.from) : null, ...(token ? { token } : {}) };
  throw new ConfigurationError([
    { flag: named?.by ?? '', from: named?.from ?? '', came: JSON.stringify(named?.came), allowed: url.allowed },
  ]);
}

function adminUrl(text: string) {
  const fits = URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
  return fits ? text : { allowed: `an http:// URL, such as http://127.0.0.1:${adminPort(DEFAULT_BASE)}` };
}

function baseUrl(text: string) {
  const base = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return base < 1 || base > LAST_BASE
    ? {
        allowed: `the port base of a running harness, from 1 to ${LAST_BASE}; one on any free ports is named by --admin`,
      }
    : `http://127.0.0.1:${adminPort(base)}`;
}
