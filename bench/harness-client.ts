import https from 'node:https';
import type { Harness } from '../src/harness/options.ts';

/** What servers/harness.ts says as it is ready. */
export interface HarnessServing {
  readonly url: string;
  readonly ca: string;
  readonly addresses: Harness['addresses'];
  readonly demo: Harness['demo'];
}

/** Logs the demo user on; resolves with the header that goes with all that follows. */
export async function loggedOn(
  { url, ca, demo }: HarnessServing,
  who: Partial<Harness['demo']> = {},
): Promise<{ readonly authorization: string }> {
  const body = JSON.stringify({ ...demo, ...who });
  const { status, text } = await ask(new URL('/ccass/v1/session', url), ca, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  if (status !== 201) throw new Error(`not logged on: ${status} ${text}`);
  return { authorization: `Bearer ${(JSON.parse(text) as { token: string }).token}` };
}

/** One request on a connection of its own. */
export function ask(
  url: URL,
  ca: string,
  options: {
    readonly method?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string | Buffer;
  } = {},
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', headers = {}, body } = options;
    // The chain is verified; a peer's own certificate may have any name.
    const trust = { ca, checkServerIdentity: () => undefined };
    const request = https.request(url, { method, headers, agent: false, ...trust }, async (response) => {
      let text = '';
      try {
        for await (const chunk of response.setEncoding('utf8')) text += chunk;
        resolve({ status: response.statusCode ?? 0, text });
      } catch (error) {
        reject(error);
      }
    });
    request.once('error', reject);
    request.end(body);
  });
}
