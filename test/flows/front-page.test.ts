import { type IncomingHttpHeaders, request } from 'node:http';
import https from 'node:https';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startHarness } from '../../src/harness/harness.ts';
import type { Harness } from '../../src/harness/options.ts';
import { prefersJson } from '../../src/http/front-page.ts';
import { answered, inSession1 } from '../support/rehearsal.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await inSession1();
});
afterAll(() => harness.stop());

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

function ask(url: string, options: { method?: string; headers?: Record<string, string> } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const of = url.startsWith('https') ? https.request : request;
    const asked = of(url, { ca: harness.ca, ...options }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.once('end', () =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) }),
      );
    });
    asked.once('error', reject);
    asked.end();
  });
}

const PLACES = ['line', 'primary', 'backup', 'admin'] as const;
const linksOf = (html: string) => [...html.matchAll(/<a href="([^"]*)">/g)].map(([, href = '']) => href);

describe.each(PLACES)('/ of the %s', (place) => {
  const url = (path: string) => `${harness.addresses[place]}${path}`;

  test('is a small page in both languages, which loads and does nothing from elsewhere', async () => {
    const { status, headers, body } = await ask(url('/'), { headers: { accept: 'text/html,*/*;q=0.8' } });
    const html = body.toString();
    expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(headers['content-security-policy']).toBe(
      "default-src 'none'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    expect(body.length).toBeLessThan(4_096);
    expect(html).toMatch(/<section lang="en">[\s\S]*SIMULATED[\s\S]*<section lang="zh-Hant">[\s\S]*\p{Script=Han}{6}/u);
    expect(html).toContain(harness.addresses.line);
    expect(html).not.toMatch(/<script|<style|style=|<form|<iframe|\ssrc=|@import|onload/);
    if (place !== 'admin') {
      const isActive = place !== 'primary';
      expect(html).toContain(`the ${isActive ? 'backup' : 'primary'} data centre`);
      expect(html.includes('on standby')).toBe(!isActive);
      expect(headers.date).toBe('Sat, 24 Jul 2021 08:30:00 GMT');
    }
  });

  test('links to the OpenAPI documents and to their pages, and every link leads somewhere', async () => {
    const links = linksOf((await ask(url('/'))).body.toString());
    const at = place === 'admin' ? harness.addresses.line : '';
    for (const service of ['ccass', 'rap', 'orp']) {
      expect(links).toContain(`${at}/${service}/v1/openapi.json`);
      expect(links).toContain(`${at}/${service}/v1/docs`);
    }
    if (place === 'admin') expect(links).toEqual(expect.arrayContaining(['/openapi.json', '/docs']));
    for (const link of new Set(links))
      expect([link, (await ask(new URL(link, url('/')).href)).status]).toEqual([link, 200]);
  });

  test('is JSON for who asks for it', async () => {
    const { status, headers, body } = await ask(url('/'), { headers: { accept: 'application/json' } });
    expect([status, headers['content-type'], headers.vary]).toEqual([200, 'application/json; charset=utf-8', 'accept']);
    const json = JSON.parse(body.toString());
    expect(json).toMatchObject({ simulated: true, line: harness.addresses.line });
    expect(json.links).toContainEqual({
      href: `${place === 'admin' ? harness.addresses.line : ''}/ccass/v1/openapi.json`,
      label: { en: 'CCASS: OpenAPI document', zh: 'CCASS：OpenAPI 文件' },
    });
  });

  test('and /favicon.ico answer HEAD, refuse POST (METHOD_NOT_ALLOWED) and stand in no journal', async () => {
    const { last } = answered(await harness.control.journal({ limit: 1 }));
    for (const path of ['/', '/favicon.ico']) {
      const got = await ask(url(path));
      const head = await ask(url(path), { method: 'HEAD' });
      expect([head.status, head.body.length, head.headers['content-length']]).toEqual([
        ...[200, 0],
        got.headers['content-length'],
      ]);
    }
    const icon = await ask(url('/favicon.ico'));
    expect([icon.status, icon.headers['content-type'], icon.body.readUInt32LE(0)]).toEqual([
      200,
      'image/x-icon',
      65_536,
    ]);
    const { entries } = answered(await harness.control.journal({ after: last, limit: 100 }));
    expect(entries.filter(({ kind }) => kind === 'answer' || kind === 'refusal')).toEqual([]);
    const posted = await ask(url('/'), { method: 'POST' });
    expect([posted.status, JSON.parse(posted.body.toString()).code]).toEqual([405, 'METHOD_NOT_ALLOWED']);
  });
});

test('the admin’s stays behind its gate (TOKEN_NEEDED)', async () => {
  for (const path of ['/', '/favicon.ico']) {
    const headers = { host: 'evil.test' };
    const { status, body } = await ask(`${harness.addresses.admin}${path}`, { headers });
    expect([status, JSON.parse(body.toString()).code]).toEqual([401, 'TOKEN_NEEDED']);
    const token = { ...headers, authorization: `Bearer ${harness.token}` };
    expect((await ask(`${harness.addresses.admin}${path}`, { headers: token })).status).toBe(200);
  }
});

test('it is there on a day when everything is closed, and tells of the switch', async () => {
  await using closed = await startHarness({ rehearsal: '2021-07-24', at: Date.parse('2021-07-25T03:00:00+08:00') });
  const page = async (url: string) => (await fetchWith(closed, url)).replace(/<[^>]*>/g, ' ');
  expect(await page(closed.addresses.backup)).toMatch(/backup data centre.*on standby/s);
  answered(await closed.control.failover({ to: 'backup' }));
  expect(await page(closed.addresses.backup)).toMatch(/backup data centre.*is active/s);
  expect(await page(closed.addresses.line)).toMatch(/backup data centre/);
});

async function fetchWith({ ca }: Harness, url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    https
      .get(url, { ca }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk) => {
          text += chunk;
        });
        answer.once('end', () => resolve(text));
      })
      .once('error', reject);
  });
}

test.each([
  [undefined, false],
  ['', false],
  ['*/*', false],
  ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', false],
  ['application/json', true],
  ['application/json, */*;q=0.5', true],
  ['application/json, text/html', false],
  ['text/html;q=0.5, application/json;q=0.9', true],
  ['application/problem+json', true],
  ['application/json;q=0', false],
  ['application/json;q=x', false],
])('Accept: %s asks for JSON: %s', (accept, is) => {
  expect(prefersJson(accept)).toBe(is);
});
