import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import type { AnyAuthMethod, Client } from 'ssh2';
import ssh2 from 'ssh2';
import type { Harness } from '../../src/harness/options.ts';

export interface Try {
  /** Of the address, by default the line's. */
  readonly at?: string;
  readonly user?: string;
  /** Paths of private keys; default: the demo user's. */
  readonly keys?: readonly string[];
  readonly password?: string;
  /** The answer to a keyboard-interactive prompt. */
  readonly answer?: string;
  /** The local address. */
  readonly from?: string;
  /** Keeps the connection open. */
  readonly stay?: boolean;
}

export interface Tried {
  readonly in: boolean;
  /** The text that keyboard-interactive showed. */
  readonly told: readonly string[];
  /** The methods that the server left after each try. */
  readonly left: readonly (readonly string[])[];
  /** How it ended; null if it logged on. */
  readonly error: string;
  readonly client?: Client;
}

/** Tries to log on to RAP with ssh2 as a client, each key and method in turn, and returns the result. */
export async function tryRap(harness: Harness, call: Try = {}): Promise<Tried> {
  const { hostname, port } = new URL(call.at ?? harness.addresses.sftp);
  const username = call.user ?? harness.rap.user;
  const keys = call.keys ? await Promise.all(call.keys.map((path) => readFile(path))) : [harness.rap.privateKey];
  const told: string[] = [];
  const allLeft: string[][] = [];
  const prompt: AnyAuthMethod = {
    type: 'keyboard-interactive',
    username,
    prompt(title, instructions, _language, prompts, finish) {
      if (title || instructions) told.push(`${title}\n${instructions}`);
      finish(prompts.map(() => call.answer ?? ''));
    },
  };
  const methods: AnyAuthMethod[] = [
    ...keys.map((key): AnyAuthMethod => ({ type: 'publickey', username, key })),
    ...(call.password === undefined ? [] : [{ type: 'password' as const, username, password: call.password }]),
  ];
  let next = 0;
  const client = new ssh2.Client();
  const sock = connect({
    host: hostname,
    port: Number(port),
    noDelay: true,
    ...(call.from ? { localAddress: call.from } : {}),
  });
  return new Promise((resolve) => {
    let error = '';
    client.on('error', (failed) => {
      error ||= failed.message;
    });
    let isIn = false;
    client.on('ready', () => {
      isIn = true;
      if (call.stay) resolve({ in: true, told, left: allLeft, error, client });
      else client.end();
    });
    client.once('close', () => resolve({ in: isIn, told, left: allLeft, error }));
    client.connect({
      sock,
      username,
      readyTimeout: 20_000,
      authHandler(left, _partial, done) {
        allLeft.push([...(left ?? [])]);
        const only = left?.length === 1 && left[0] === 'keyboard-interactive';
        const wantsPrompt = only || (call.answer !== undefined && next >= methods.length);
        const method = wantsPrompt ? prompt : methods[next++];
        if (wantsPrompt && next > methods.length) return done(false as never);
        if (wantsPrompt) next = methods.length + 1;
        return done((method ?? false) as AnyAuthMethod);
      },
    });
  });
}
