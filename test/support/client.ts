import type { IncomingHttpHeaders } from 'node:http';
import https from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { Static } from 'typebox';
import type * as batches from '../../src/api/ccass/batches.ts';
import type * as instructions from '../../src/api/ccass/instructions.ts';
import type * as reports from '../../src/api/ccass/reports.ts';
import type * as session from '../../src/api/session.ts';
import type { Channel } from '../../src/domain/nouns/market.ts';

/**
 * A participant's client as a customer would write it: node:https, the CA, one address. It uses nothing of the
 * harness, so it sees what any client sees.
 */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Common name of the certificate that answered: `primary ...` or `backup ...`. */
  readonly certificate: string;
  /** The body as JSON, cast to T. */
  json<T = Problem>(): T;
}

export type Problem = Static<typeof session.Problem> & Readonly<Record<string, unknown>>;
export type LoggedOn = Static<typeof session.LoggedOn>;
export type Batch = Static<typeof batches.Batch>;
export type Instruction = Static<typeof instructions.Instruction>;
export type Report = Static<typeof reports.Report>;
export type Rows<T> = { readonly rows: readonly T[]; readonly next: string | null };

export interface RequestOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON. */
  readonly body?: Buffer | string | object;
  /** Aborts the request. */
  readonly signal?: AbortSignal;
}

export const PASSWORD = 'Rehearsal-2021';
export const WINDOWS_10 = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)';

export interface Credentials {
  readonly participant?: string;
  readonly user?: string;
  readonly password?: string;
  readonly channel?: Channel;
  readonly newPassword?: string;
  readonly takeOver?: boolean;
}

class UnusedConnection extends Error {}

export type Client = ReturnType<typeof clientOf>;

export function clientOf(
  address: { readonly url: string; readonly ca: string },
  agentOptions: https.AgentOptions = {},
) {
  const agent = new https.Agent({ keepAlive: true, ca: address.ca, ...agentOptions });
  const certificates = new WeakMap<object, string>();
  let token: string | undefined;

  /** Rejects with the socket's error if the answer is incomplete. */
  async function ask(path: string, options: RequestOptions = {}): Promise<Answer> {
    try {
      return await send(path, options);
    } catch (error) {
      // See Node's documentation: a kept-alive connection may close just as it is reused.
      if (!(error instanceof UnusedConnection)) throw error;
      return send(path, options);
    }
  }

  function send(path: string, options: RequestOptions = {}): Promise<Answer> {
    const { method = 'GET', signal } = options;
    const given = options.body;
    const isText = given === undefined || typeof given === 'string' || Buffer.isBuffer(given);
    const body = isText ? given : JSON.stringify(given);
    const headers: Record<string, string | number> = {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
      ...(isText ? {} : { 'content-type': 'application/json' }),
      ...options.headers,
    };
    return new Promise((resolve, reject) => {
      const request = https.request(new URL(path, address.url), {
        method,
        headers,
        agent,
        ...(signal ? { signal } : {}),
      });
      let answering = false;
      // Read while the connection is open: a closed one has no certificate.
      request.once('socket', (socket) => {
        const note = () => certificates.set(socket, String((socket as TLSSocket).getPeerCertificate().subject?.CN));
        if (!certificates.has(socket)) socket.once('secureConnect', note);
      });
      request.once('error', (error: NodeJS.ErrnoException) => {
        const closed = error.code === 'ECONNRESET' || error.code === 'EPIPE';
        reject(request.reusedSocket && closed && !answering ? new UnusedConnection('', { cause: error }) : error);
      });
      request.once('response', (response) => {
        answering = true;
        const chunks: Buffer[] = [];
        const certificate = certificates.get(response.socket) ?? '';
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('error', reject);
        response.once('end', () => {
          const whole = Buffer.concat(chunks);
          const { statusCode: status = 0, headers } = response;
          resolve({ status, headers, body: whole, certificate, json: () => JSON.parse(whole.toString()) });
        });
      });
      request.end(body);
    });
  }

  return {
    ask,
    get token() {
      return token;
    },
    set token(other: string | undefined) {
      token = other;
    },
    /** Logs on without keeping the token. */
    tryLogon: (credentials: Credentials = {}, headers: Readonly<Record<string, string>> = {}): Promise<Answer> => {
      const body = { participant: 'B09901', user: 'MAKER01', password: PASSWORD, channel: 'C3T', ...credentials };
      return ask('/ccass/v1/session', { method: 'POST', body, headers });
    },
    /** Logs on and sends the token with all that follows. */
    async logon(credentials: Credentials = {}): Promise<LoggedOn> {
      token = undefined;
      const answer = await this.tryLogon(credentials);
      if (answer.status !== 201) throw new Error(`not logged on: ${answer.status} ${answer.body}`);
      const loggedOn = answer.json<LoggedOn>();
      token = loggedOn.token;
      return loggedOn;
    },
    upload: (file: Buffer | string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> =>
      ask('/ccass/v1/batches', { method: 'POST', body: file, headers: { 'content-type': 'text/plain', ...headers } }),
    async batch(reference: string): Promise<Batch> {
      return (await ask(`/ccass/v1/batches/${reference}`)).json<Batch>();
    },
    /** All of the user's settlement instructions, page by page. */
    async instructions(limit = 1000): Promise<Instruction[]> {
      const all: Instruction[] = [];
      for (let next: string | null = ''; next !== null; ) {
        const page: Rows<Instruction> = (
          await ask(`/ccass/v1/settlement-instructions?limit=${limit}${next ? `&cursor=${next}` : ''}`)
        ).json();
        all.push(...page.rows);
        next = page.next;
      }
      return all;
    },
    close: () => agent.destroy(),
    [Symbol.dispose]: () => agent.destroy(),
  };
}
