import { expect } from 'vitest';
import type { MarginablePosition, MarginResult } from '../../src/domain/margin/calculation.ts';
import type { StressResult } from '../../src/domain/risk/stress-test.ts';
import type { Harness } from '../../src/harness/options.ts';
import { type Answer, type Client, PASSWORD, type Problem, type RequestOptions } from './client.ts';
import { onTheLine } from './rehearsal.ts';

interface OrpCredentials {
  readonly participant?: string;
  readonly user?: string;
  readonly password?: string;
  readonly newPassword?: string;
  readonly takeOver?: boolean;
}

/** A client of ORP Online, whose log-on has no channel. */
export interface OrpClient extends Disposable {
  readonly client: Client;
  ask(path: string, options?: RequestOptions): Promise<Answer>;
  tryLogon(credentials?: OrpCredentials, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  logon(credentials?: OrpCredentials): Promise<Readonly<Record<string, unknown>>>;
  /** Status and refusal code (null if it is not a refusal). */
  outcome(path: string, options?: RequestOptions): Promise<readonly [number, string | null]>;
}

export function orpClient(harness: Harness): OrpClient {
  const client = onTheLine(harness);
  const ask = (path: string, options?: RequestOptions) => client.ask(`/orp/v1${path}`, options);
  const tryLogon: OrpClient['tryLogon'] = (credentials = {}, headers = {}) => {
    const body = { participant: 'B09901', user: 'RISK01', password: PASSWORD, ...credentials };
    return ask('/session', { method: 'POST', body, headers });
  };
  return {
    client,
    ask,
    tryLogon,
    async logon(credentials) {
      client.token = undefined;
      const answer = await tryLogon(credentials);
      if (answer.status !== 201) throw new Error(`not logged on: ${answer.status} ${answer.body}`);
      const loggedOn = answer.json<{ token: string }>();
      client.token = loggedOn.token;
      return loggedOn;
    },
    async outcome(path, options) {
      const answer = await ask(path, options);
      const code = answer.status >= 400 ? answer.json<Problem>().code : null;
      return [answer.status, code];
    },
    [Symbol.dispose]: () => client.close(),
  };
}

/** A logged-on client. */
export async function orpUser(harness: Harness, credentials?: OrpCredentials): Promise<OrpClient> {
  const client = orpClient(harness);
  await client.logon(credentials);
  return client;
}

/** A simulation, as it is answered. */
export interface SimulationAnswer {
  readonly reference: string;
  readonly status: string;
  readonly progress: { readonly done: number; readonly total: number | null };
  readonly simulated: boolean;
  readonly inputs: {
    readonly usedPosition: { readonly snapshot: string } | null;
    readonly usedPrices: unknown;
    readonly pricesAt: string;
    readonly riskParameters: { readonly businessDate: string } | null;
    readonly params: Readonly<Record<string, unknown>>;
    readonly mtm: object;
    readonly rows: readonly MarginablePosition[];
    readonly trades: readonly object[];
    readonly warnings: readonly string[];
  };
  readonly result: { readonly margin: MarginResult | null; readonly stress: StressResult | null } | null;
}
export interface RunMargin {
  readonly margin: MarginResult;
  readonly params: object;
}
/** A refusal, as it is answered. */
export interface Refused {
  readonly code: string;
  readonly detail: string;
  readonly words: { readonly detail: { readonly en: string; readonly zh: string } };
  readonly faults?: readonly { line: number; column: number | null; field: string; came: string }[];
}

/** Starts a simulation, from JSON or from `sent`, and polls until it is done. */
export async function simulated(
  orp: OrpClient,
  body: object | null,
  sent: RequestOptions = {},
): Promise<SimulationAnswer> {
  const answer = await orp.ask('/simulations', { method: 'POST', ...(body && { body }), ...sent });
  expect([answer.status, answer.body.toString().slice(0, 300)]).toEqual([202, expect.any(String)]);
  const path = String(answer.headers.location);
  expect(path).toMatch(/^\/orp\/v1\/simulations\/SP[0-9]{6}$/);
  for (;;) {
    const simulation = (await orp.client.ask(path)).json<SimulationAnswer>();
    if (simulation.status === 'done') return simulation;
    expect(['waiting', 'running']).toContain(simulation.status);
  }
}
export async function refused(orp: OrpClient, body: object): Promise<Refused> {
  return (await orp.ask('/simulations', { method: 'POST', body })).json<Refused>();
}
export const marginOf = ({ result }: SimulationAnswer): MarginResult => {
  if (!result?.margin) throw new Error('it has no margin');
  return result.margin;
};
