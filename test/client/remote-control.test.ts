import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { type Admin, startAdmin } from '../../src/admin/admin.ts';
import { HarnessUnreachable, remoteControl } from '../../src/client/remote-control.ts';
import { isRefusal } from '../../src/domain/refusal.ts';
import { controlContract } from '../control/control.contract.ts';
import { exclusiveAddress } from '../support/exclusive-address.ts';
import { fakeControl } from '../support/fake-control.ts';

const TOKEN = 'a-token-of-a-test';
const start = (control = fakeControl(), { host = '127.0.0.1', port = 0 } = {}) =>
  startAdmin({ control, host, port, token: TOKEN, version: '0.0.0' });

controlContract('a fake', async () => ({ control: fakeControl(), close: async () => undefined }));
controlContract('the fake over HTTP', async () => {
  const admin = await start();
  return { control: remoteControl({ url: `${admin.url}/` }), close: () => admin.close() };
});

let admin: Admin | undefined;
afterEach(async () => {
  await admin?.close();
  admin = undefined;
});

it('names the address where nothing answers', async () => {
  // Unlike a port that was just closed, this one is never given to a server of another test.
  const url = 'http://127.0.0.1:2';
  const error = await remoteControl({ url })
    .state({})
    .catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(HarnessUnreachable);
  expect(String(error)).toContain(url);
  expect(String(error)).toContain('npm start');
  expect(String(error)).toContain('ECONNREFUSED');
});

it('does not mistake another program for a harness', async () => {
  const fetch = async () => new Response('<h1>It works!</h1>', { headers: { 'content-type': 'text/html' } });
  await expect(remoteControl({ url: 'http://127.0.0.1:1', fetch }).state({})).rejects.toThrow(HarnessUnreachable);
});

it('throws an error if the harness has a bug', async () => {
  const control = fakeControl();
  const errors: Error[] = [];
  const broken = { ...control, state: () => Promise.reject(new Error('index out of step')) };
  admin = await startAdmin({
    control: broken,
    host: '127.0.0.1',
    port: 0,
    token: TOKEN,
    version: '0',
    onError: (error) => errors.push(error),
  });
  await expect(remoteControl({ url: admin.url }).state({})).rejects.toThrow(/answered 500.*journal/);
  expect(errors.map((error) => error.message)).toEqual(['index out of step']);
});

it('returns refusals whole: both languages, retryAt, further members (SWITCH_UNDER_WAY)', async () => {
  const refusal = {
    refusal: 'SWITCH_UNDER_WAY',
    title: { en: 'A', zh: '甲' },
    detail: { en: 'B', zh: '乙' },
    retryAt: 1_627_115_400_123,
    more: { line: 3, columns: [1, 2] },
  } as const;
  admin = await start({ ...fakeControl(), failover: async () => refusal });
  const answer = await remoteControl({ url: admin.url }).failover({ to: 'backup' });
  expect(isRefusal(answer)).toBe(true);
  expect(answer).toEqual(refusal);
});

it('sends a request even if the harness will refuse it', async () => {
  admin = await start();
  const request = { to: 'backup', mode: 'drain', gently: true } as const;
  expect(await remoteControl({ url: admin.url }).failover(request)).toMatchObject({ refusal: 'BAD_REQUEST' });
});

it('resumes the journal where a stream broke off', async () => {
  const control = fakeControl();
  const host = exclusiveAddress(3);
  admin = await start(control, { host });
  const { port } = admin;
  const stop = new AbortController();
  const remote = remoteControl({
    url: admin.url,
    beforeRetry: async () => {
      admin = await start(control, { host, port });
    },
  });
  const first = control.note('admits', {});
  const seen: number[] = [];
  for await (const entry of remote.follow({ after: first.seq - 1 }, stop.signal)) {
    seen.push(entry.seq);
    if (seen.length === 1) {
      await admin?.close();
      control.note('admits', {});
      control.note('admits', {});
    }
    if (seen.length === 3) stop.abort();
  }
  expect(seen).toEqual([first.seq, first.seq + 1, first.seq + 2]);
});

it('stops following when nothing answers and no retry is set', async () => {
  const control = fakeControl();
  admin = await start(control);
  const entry = control.note('admits', {});
  const remote = remoteControl({ url: admin.url });
  const follow = async () => {
    for await (const _ of remote.follow({ after: entry.seq - 1 }, new AbortController().signal)) await admin?.close();
  };
  await expect(follow()).rejects.toThrow(HarnessUnreachable);
});

it('refuses to follow without a token where one is needed', async () => {
  admin = await start();
  const port = admin.port;
  // The answer to a request from another machine, or from a page with a rebound name.
  const fetch: typeof globalThis.fetch = async () =>
    new Response(JSON.stringify({ code: 'X', detail: 'bring the token' }), {
      status: 401,
      headers: { 'content-type': 'application/problem+json' },
    });
  const remote = remoteControl({ url: `http://127.0.0.1:${port}`, fetch });
  const follow = async () => {
    for await (const _ of remote.follow({}, new AbortController().signal)) throw new Error('an entry came');
  };
  await expect(follow()).rejects.toThrow(/bring the token/);
});

it('runs in a browser: none of its imports needs Node', () => {
  const seen = new Set<string>();
  const visit = (path: string) => {
    if (seen.has(path)) return;
    seen.add(path);
    const imports = readFileSync(path, 'utf8').matchAll(/^import (?!type )[^;]*?from '([^']+)'/gm);
    for (const [, from = ''] of imports) {
      if (from.startsWith('.')) visit(join(dirname(path), from));
      else expect([path, from]).toEqual([path, 'typebox']);
    }
  };
  visit(join(import.meta.dirname, '../../src/client/remote-control.ts'));
  expect(seen.size).toBeGreaterThan(3);
});

it.each([
  [
    'a centre',
    new Response('{}', {
      status: 404,
      headers: { 'x-data-centre': 'backup', 'content-type': 'application/problem+json' },
    }),
    'that is the backup centre, or the line to it',
  ],
  [
    'another program',
    new Response('no', { status: 400, headers: { 'content-type': 'text/plain' } }),
    'a centre or another program',
  ],
])('says that %s is not where a harness is steered', async (_, response, words) => {
  const fetch = async () => response;
  const error = await remoteControl({ url: 'http://127.0.0.1:1', fetch })
    .state({})
    .catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(HarnessUnreachable);
  expect(String(error)).toContain(words);
  expect(String(error)).toContain('a harness is steered at its admin address');
});

it.each([
  ['SELF_SIGNED_CERT_IN_CHAIN', 'a centre or the line, perhaps'],
  ['Response does not match the HTTP/1.1 protocol', 'SFTP, perhaps'],
])('says what %s may mean', async (why, words) => {
  const fetch = async () => {
    throw new TypeError('fetch failed', { cause: new Error(why) });
  };
  await expect(remoteControl({ url: 'http://127.0.0.1:1', fetch }).state({})).rejects.toThrow(words);
});
