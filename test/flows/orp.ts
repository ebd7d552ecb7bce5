import type { Harness } from '../../src/harness-options.ts';
import { type Answer, type Asked, type Client, PASSWORD, type Problem } from './client.ts';
import { onTheLine } from './rehearsal.ts';

interface OrpCredentials {
  readonly participant?: string;
  readonly user?: string;
  readonly password?: string;
  readonly newPassword?: string;
  readonly takeOver?: boolean;
}

/** A client of ORP Online, which says only what the interface asks for: it has no channel. */
export interface OrpClient extends Disposable {
  readonly client: Client;
  ask(path: string, asked?: Asked): Promise<Answer>;
  tryLogon(credentials?: OrpCredentials, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  logon(credentials?: OrpCredentials): Promise<Readonly<Record<string, unknown>>>;
  /** Status and refusal code (null where there is none). */
  told(path: string, asked?: Asked): Promise<readonly [number, string | null]>;
}

export function orpClient(harness: Harness): OrpClient {
  const client = onTheLine(harness);
  const ask = (path: string, asked?: Asked) => client.ask(`/orp/v1${path}`, asked);
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
    async told(path, asked) {
      const answer = await ask(path, asked);
      const code = answer.status >= 400 ? answer.json<Problem>().code : null;
      return [answer.status, code];
    },
    [Symbol.dispose]: () => client.close(),
  };
}

/** A client that is logged on. */
export async function orpUser(harness: Harness, credentials?: OrpCredentials): Promise<OrpClient> {
  const client = orpClient(harness);
  await client.logon(credentials);
  return client;
}
