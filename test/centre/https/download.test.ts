import { createHash, randomBytes, randomFillSync } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import { setImmediate } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { fastify } from 'fastify';
import supertest from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sendReport } from '../../../src/centre/https/download.ts';
import type { Harness } from '../../../src/harness/options.ts';
import type { OpenReport } from '../../../src/service/reports/reports.ts';
import { batchFile } from '../../support/batch-files.ts';
import type { Client, Report } from '../../support/client.ts';
import {
  answered,
  batchesDone,
  inSession1,
  noted,
  notedWhere,
  onTheLine,
  sessionCookie,
} from '../../support/rehearsal.ts';

let harness: Harness;
let client: Client;
let api: ReturnType<typeof supertest.agent>;
let report: Report;
let whole: Buffer;
beforeAll(async () => {
  harness = await inSession1();
  client = onTheLine(harness);
  await client.logon();
  await client.upload(batchFile(20));
  await batchesDone(harness.control);
  const { rows } = (await client.ask('/ccass/v1/reports?id=ZSICR01')).json<{ rows: Report[] }>();
  report = rows.find((row) => row.format === 'data') as Report;
  whole = (await client.ask(`/ccass/v1/reports/${report.reference}`)).body;
  api = supertest.agent(harness.addresses.line, { ca: harness.ca });
  api.set('authorization', `Bearer ${client.token}`);
});
afterAll(async () => {
  client.close();
  await harness.stop();
});

const path = () => `/ccass/v1/reports/${report.reference}`;
const etag = () => `"${report.sha256}"`;

test('the list has name, dates, size and hash, and the bytes match', () => {
  expect(report).toMatchObject({
    ...{ id: 'ZSICR01', participant: 'B09901', businessDate: '2021-07-24', format: 'data', batch: 'U00000000001' },
    ...{ madeAt: '2021-07-24T16:30:00+08:00', availableAt: '2021-07-24T16:30:00+08:00', sizeBytes: whole.length },
    name: { en: 'SI Batch Input Control Report', zh: expect.any(String) },
    fileName: 'ZSICR01_B09901_HKMK_20210724163000_U00000000001.TXT',
  });
  expect(createHash('sha256').update(whole).digest('hex')).toBe(report.sha256);
  expect(whole.length).toBe(22 * 162);
});

test('by ID and by date', async () => {
  const ids = async (query: string) =>
    (await api.get(`/ccass/v1/reports?${query}`)).body.rows.map((row: Report) => row.id);
  expect(new Set(await ids('businessDate=2021-07-22'))).toEqual(
    new Set(['CCNAN05', 'CFIPM01', 'CRMMG01', 'CSEMA08', 'CSEMS08', 'ZSBAL01', 'ZSILS01', 'ZSMOV01']),
  );
  expect(await ids('businessDate=2021-07-24')).toEqual(['ZSICR01', 'ZSICR01']);
  expect(await ids('id=ZSBAL01')).toEqual(['ZSBAL01', 'ZSBAL01']);
  expect(await ids('id=ZSBAL01&businessDate=2021-07-24')).toEqual([]);
  expect((await api.get('/ccass/v1/reports?businessDate=24-07-2021')).status).toBe(400);
});

test('GET: headers that browsers and scripts can use', async () => {
  const { headers } = await api.get(path()).set('accept-encoding', 'identity').expect(200);
  expect(headers).not.toHaveProperty('content-encoding');
  expect(headers).toMatchObject({
    vary: 'accept-encoding',
    etag: etag(),
    'accept-ranges': 'bytes',
    'content-length': String(whole.length),
    'content-type': 'text/plain; charset=us-ascii',
    'content-disposition': `attachment; filename="${report.fileName}"`,
    'cache-control': 'private, no-cache',
    'last-modified': 'Sat, 24 Jul 2021 08:30:00 GMT',
  });
});

test('HEAD: the same headers, no body, whatever the Range', async () => {
  const got = await client.ask(path());
  const { status, headers, body } = await client.ask(path(), { method: 'HEAD', headers: { range: 'bytes=0-9' } });
  expect([status, body.length]).toEqual([200, 0]);
  const { date: _, ...same } = got.headers;
  expect(headers).toMatchObject(same);
});

describe('ranges', () => {
  const ranged = (range: string, more: Record<string, string> = {}) =>
    client.ask(path(), { headers: { range, ...more } });

  test.each([
    ['bytes=0-0', 0, 0],
    ['bytes=0-161', 0, 161],
    ['bytes=162-', 162, 22 * 162 - 1],
    ['bytes=-162', 21 * 162, 22 * 162 - 1],
    ['bytes=3500-999999', 3500, 22 * 162 - 1],
    ['bytes=-999999', 0, 22 * 162 - 1],
  ])('%s', async (range, first, last) => {
    const { status, headers, body } = await ranged(range);
    expect(status).toBe(206);
    expect(headers['content-range']).toBe(`bytes ${first}-${last}/${whole.length}`);
    expect(headers['content-length']).toBe(String(last - first + 1));
    expect(body.equals(whole.subarray(first, last + 1))).toBe(true);
  });

  test.each(['bytes=3564-', 'bytes=9999999-', 'bytes=-0'])(
    '%s is outside: 416 and how long it is (RANGE_NOT_SATISFIABLE)',
    async (range) => {
      const { status, headers, json } = await ranged(range);
      expect([status, headers['content-range']]).toEqual([416, `bytes */${whole.length}`]);
      expect(json().code).toBe('RANGE_NOT_SATISFIABLE');
    },
  );

  test.each(['bytes=0-1,5-6', 'lines=1-2', 'bytes=x-y', 'bytes=9-5', 'bytes'])(
    '%s: the whole, as RFC 9110 allows',
    async (range) => {
      const { status, body } = await ranged(range);
      expect([status, body.equals(whole)]).toEqual([200, true]);
    },
  );

  test('If-Range: a range only if the client has the beginning of the same report', async () => {
    expect((await ranged('bytes=10-19', { 'if-range': etag() })).status).toBe(206);
    for (const other of ['"another"', `W/${etag()}`, 'Sat, 24 Jul 2021 00:00:00 GMT', 'yesterday']) {
      const { status, body } = await ranged('bytes=10-19', { 'if-range': other });
      expect([other, status, body.length]).toEqual([other, 200, whole.length]);
    }
  });
});

test('If-Modified-Since with the Last-Modified that came: 304; with an earlier one: the report', async () => {
  const { headers } = await client.ask(path(), { method: 'HEAD' });
  const ask = (date: string) => client.ask(path(), { headers: { 'if-modified-since': date } });
  const { status, body } = await ask(String(headers['last-modified']));
  expect([status, body.length]).toEqual([304, 0]);
  expect((await ask('Fri, 23 Jul 2021 00:00:00 GMT')).status).toBe(200);
});

test('a guarded resume never mixes two versions: If-Match, If-Unmodified-Since and If-Range (PRECONDITION_FAILED)', async () => {
  await using own = await inSession1();
  using asker = onTheLine(own);
  await asker.logon();
  const place = { id: 'CIPSI02', participant: 'B09901', businessDate: '2021-07-23', format: 'data' } as const;
  const publish = async (text: string) =>
    answered(await own.control.publishReport({ ...place, content: Buffer.from(text.repeat(1000)).toString('base64') }));
  const at = `/ccass/v1/reports/${(await publish('old\n')).reference}`;
  const first = await asker.ask(at, { headers: { range: 'bytes=0-999' } });
  // In the same second of a clock that stands.
  const now = `/ccass/v1/reports/${(await publish('new\n')).reference}`;
  expect(now).toBe(at);
  const rest = (guard: Record<string, string>) => asker.ask(at, { headers: { range: 'bytes=1000-', ...guard } });
  for (const guard of [
    { 'if-match': String(first.headers.etag) },
    { 'if-unmodified-since': String(first.headers['last-modified']) },
  ]) {
    const { status, body } = await rest(guard);
    expect([status, JSON.parse(String(body))]).toMatchObject([412, { code: 'PRECONDITION_FAILED' }]);
  }
  for (const guard of [first.headers.etag, first.headers['last-modified']]) {
    const { status, body } = await rest({ 'if-range': String(guard) });
    expect([status, body.length]).toEqual([200, 4000]);
  }
});

test('If-None-Match: 304 without a body', async () => {
  for (const tag of [etag(), `W/${etag()}`, `"other", ${etag()}`, '*']) {
    const { status, body, headers } = await client.ask(path(), { headers: { 'if-none-match': tag } });
    expect([tag, status, body.length, headers.etag]).toEqual([tag, 304, 0, etag()]);
  }
  expect((await client.ask(path(), { headers: { 'if-none-match': '"other"' } })).status).toBe(200);
});

describe('gzip', () => {
  const zipped = (more: Record<string, string> = {}, method = 'GET') =>
    client.ask(path(), { method, headers: { 'accept-encoding': 'gzip', ...more } });

  test('GET: the same report, compressed, with a weak ETag', async () => {
    const { status, headers, body } = await zipped();
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-encoding': 'gzip',
      vary: 'accept-encoding',
      etag: `W/${etag()}`,
      'content-type': 'text/plain; charset=us-ascii',
      'content-disposition': `attachment; filename="${report.fileName}"`,
    });
    expect(headers).not.toHaveProperty('content-length');
    expect(body.length).toBeLessThan(whole.length / 2);
    expect(gunzipSync(body).equals(whole)).toBe(true);
  });

  test('HEAD: the headers that GET would have, no body', async () => {
    const got = await zipped();
    const { status, headers, body } = await zipped({}, 'HEAD');
    expect([status, body.length]).toEqual([200, 0]);
    const { date: _, 'transfer-encoding': __, ...same } = got.headers;
    expect(headers).toMatchObject(same);
    expect(headers).not.toHaveProperty('content-length');
  });

  test('If-None-Match: 304 for the ETag of either form', async () => {
    for (const method of ['GET', 'HEAD'])
      for (const tag of [`W/${etag()}`, etag(), `"other", W/${etag()}`, '*']) {
        const { status, body, headers } = await zipped({ 'if-none-match': tag }, method);
        expect([tag, status, body.length, headers.etag, headers.vary]).toEqual([
          ...[tag, 304, 0, `W/${etag()}`],
          'accept-encoding',
        ]);
        expect(headers).not.toHaveProperty('content-encoding');
      }
    expect((await zipped({ 'if-none-match': 'W/"other"' })).status).toBe(200);
  });

  test('a range is of the report itself, never of its gzip form', async () => {
    const part = await zipped({ range: 'bytes=162-323' });
    expect(part.status).toBe(206);
    expect(part.headers).toMatchObject({ etag: etag(), vary: 'accept-encoding', 'content-length': '162' });
    expect(part.headers).not.toHaveProperty('content-encoding');
    expect(part.body.equals(whole.subarray(162, 324))).toBe(true);
    const outside = await zipped({ range: 'bytes=9999999-' });
    expect([outside.status, outside.headers['content-encoding']]).toEqual([416, undefined]);
  });

  test('a gzip transfer that broke off is not resumed: If-Range does not match a weak ETag', async () => {
    const { status, headers, body } = await zipped({ range: 'bytes=10-', 'if-range': `W/${etag()}` });
    expect([status, headers['content-encoding'], body.equals(whole)]).toEqual([200, undefined, true]);
  });

  test.each(['identity', 'gzip;q=0', 'gzip;q=0.4, identity;q=0.9'])('not for %s', async (accepted) => {
    const { headers, body } = await zipped({ 'accept-encoding': accepted });
    expect([headers['content-encoding'], headers.etag, headers.vary]).toEqual([undefined, etag(), 'accept-encoding']);
    expect(body.equals(whole)).toBe(true);
  });

  test('the journal has bytes of the report, not of its gzip form', async () => {
    const { last } = answered(await harness.control.journal({ limit: 1 }));
    await zipped();
    const [sent] = await noted(harness.control, { kinds: ['download'], after: last });
    expect(sent?.detail).toMatchObject({
      ...{ report: report.reference, whole: true },
      ranges: [{ first: 0, last: whole.length - 1 }],
    });
  });
});

test.each(['gzip', 'identity'])('a report that breaks off while it is read ends the answer (%s)', async (coding) => {
  const sent: unknown[] = [];
  const sizeBytes = 4_000_000;
  const fill = async (first: number, into: Buffer) => {
    if (first > 0) throw new Error('the disk is gone');
    randomFillSync(into);
  };
  await using app = await sending({ fill, sizeBytes, sent: (...what) => void sent.push(what) });
  const { url } = app;
  const answer = await fetch(`${url}/report`, { headers: { 'accept-encoding': coding } });
  await expect(answer.arrayBuffer()).rejects.toThrow();
  expect(sent).toEqual([[0, expect.any(Number), 'gone']]);
  const [[, last]] = sent as [[number, number, string]];
  expect(last).toBeLessThan(sizeBytes - 1);
  expect(last).toBeGreaterThan(0);
});

test.each(['gzip', 'identity'])(
  'a report of several blocks comes as it is, however slowly it is taken (%s)',
  async (coding) => {
    const bytes = randomBytes(8_500_000);
    const fill = async (first: number, into: Buffer) => {
      await setImmediate();
      bytes.copy(into, 0, first, first + into.length);
    };
    await using app = await sending({ fill, sizeBytes: bytes.length, sent: () => undefined });
    const request = http.get(`${app.url}/report`, { headers: { 'accept-encoding': coding } });
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    const came: Buffer[] = [];
    for await (const chunk of response) {
      came.push(chunk as Buffer);
      for (let turn = 0; turn < 3; turn++) await setImmediate();
    }
    const body = Buffer.concat(came);
    expect((coding === 'gzip' ? gunzipSync(body) : body).equals(bytes)).toBe(true);
  },
);

test('a report that cannot be read at all is a 500, not half an answer', async () => {
  const fill = () => Promise.reject(new Error('the disk is gone'));
  await using app = await sending({ fill, sizeBytes: 10, sent: () => undefined });
  expect((await fetch(`${app.url}/report`)).status).toBe(500);
});

/** A server that answers with this report. */
async function sending({ sizeBytes, ...open }: Pick<OpenReport, 'fill' | 'sent'> & { readonly sizeBytes: number }) {
  const app = fastify();
  const its = { ...report, participant: 'B09901', madeAt: 0, availableAt: 0, sizeBytes };
  app.get('/report', (request, reply) => sendReport(request, reply, { ...open, check: async () => null, report: its }));
  const url = await app.listen({ port: 0 });
  return { url, [Symbol.asyncDispose]: () => app.close() };
}

test('a report of Saturday is available on Monday, not before (NOT_OPEN)', async () => {
  await using day = await inSession1();
  using other = onTheLine(day);
  await day.control.clock({ set: '2021-07-24T22:35' });
  const { reports } = answered(await day.control.reports({ participant: 'B09901' }));
  const saturdays = reports.filter((row) => row.businessDate === '2021-07-24');
  expect(saturdays.length).toBeGreaterThan(0);
  await day.control.clock({ set: '2021-07-26T07:59' });
  await other.logon();
  // 07:59: log-on is open, reports are not.
  expect((await other.ask('/ccass/v1/reports')).json()).toMatchObject({
    code: 'NOT_OPEN',
    retryAt: '2021-07-26T08:00:00+08:00',
  });
  await day.control.clock({ set: '2021-07-26T08:00' });
  const { rows } = (await other.ask('/ccass/v1/reports?businessDate=2021-07-24')).json<{ rows: Report[] }>();
  expect(rows.map((row) => row.reference).sort()).toEqual(saturdays.map((row) => row.reference).sort());
});

test('the journal has the exact bytes sent, also when the client disconnects', async () => {
  await using harness = await inSession1();
  using client = onTheLine(harness);
  await client.logon();
  // A report of some megabytes, too large for any socket buffer.
  await client.upload(batchFile(60_000));
  await batchesDone(harness.control);
  const { rows } = (await client.ask('/ccass/v1/reports?id=ZSICR01')).json<{ rows: Report[] }>();
  const large = rows.find((row) => row.format === 'data') as Report;
  expect(large.sizeBytes).toBe(60_002 * 162);
  const download = (reference: string, first: number) =>
    notedWhere(
      harness.control,
      { kinds: ['download'] },
      ({ detail }) => detail.report === reference && detail.ranges[0]?.first === first,
    );
  const large_ = `/ccass/v1/reports/${large.reference}`;

  const request = https.get(new URL(large_, harness.addresses.line), {
    ca: harness.ca,
    agent: false,
    headers: { authorization: `Bearer ${client.token}`, range: 'bytes=100-' },
  });
  const [response] = await once(request, 'response');
  await once(response, 'data');
  request.on('error', () => undefined);
  response.on('error', () => undefined);
  response.destroy();
  const broken = await download(large.reference, 100);
  expect(broken).toMatchObject({
    ...{ participant: 'B09901', user: 'MAKER01', centre: 'backup' },
    detail: {
      id: 'ZSICR01',
      sizeBytes: large.sizeBytes,
      sha256: large.sha256,
      whole: false,
      businessDate: '2021-07-24',
    },
  });
  const [{ last = 0 } = {}] = broken.detail.ranges;
  expect(last).toBeGreaterThan(100);
  expect(last).toBeLessThan(large.sizeBytes - 1);
  expect(broken.detail.ended).toBe('gone');
  expect(broken.connection).toMatch(/^b-https-\d+$/);

  const { body } = await client.ask(large_);
  expect(body.length).toBe(large.sizeBytes);
  expect((await download(large.reference, 0)).detail).toMatchObject({
    ranges: [{ first: 0, last: large.sizeBytes - 1 }],
    ...{ whole: true, ended: 'closed-by-client' },
  });
  await client.ask(large_, { headers: { range: 'bytes=7-8' } });
  expect((await download(large.reference, 7)).detail).toMatchObject({ ranges: [{ first: 7, last: 8 }], whole: false });
});

test('the cookie alone is enough to download, as a browser does', async () => {
  const answer = await supertest(harness.addresses.line)
    .get(path())
    .ca(harness.ca)
    .set('cookie', `${sessionCookie(harness)}=${client.token}`)
    .expect(200);
  expect(answer.text).toBe(whole.toString());
});
