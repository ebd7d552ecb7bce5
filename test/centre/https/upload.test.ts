import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import supertest from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Harness, HarnessOptions } from '../../../src/harness/options.ts';
import { batchFile, outcomeOf } from '../../support/batch-files.ts';
import type { Answer, Batch, Client } from '../../support/client.ts';
import { answered, batchesDone, inSession1, noted, onTheLine } from '../../support/rehearsal.ts';

/** A harness in session 1 and a client of its line, logged on as MAKER01 of B09901. */
async function opened(options: HarnessOptions = {}) {
  const harness = await inSession1(options);
  const client = onTheLine(harness);
  await client.logon();
  return {
    harness,
    client,
    control: harness.control,
    async [Symbol.asyncDispose]() {
      client.close();
      await harness.stop();
    },
  };
}

const told = (answer: Answer) => [answer.status, answer.json().code];
const FILE = batchFile(3);

/** A form as a browser sends it. */
function form(
  file: Buffer,
  options: { type?: string; field?: string; fileName?: string | null; before?: string } = {},
) {
  const { type = 'text/plain', field = 'file', fileName = 'batch.txt', before = '' } = options;
  const name = fileName === null ? '' : `; filename="${fileName}"`;
  const head = `--LIMIT\r\nContent-Disposition: form-data; name="${field}"${name}\r\nContent-Type: ${type}\r\n\r\n`;
  return Buffer.concat([Buffer.from(before + head), file, Buffer.from('\r\n--LIMIT--\r\n')]);
}
const FORM = { 'content-type': 'multipart/form-data; boundary=LIMIT' };

describe('the same file, whatever the encoding of the request', () => {
  const field = '--LIMIT\r\nContent-Disposition: form-data; name="note"\r\n\r\nfor today\r\n';
  test.each<[string, Buffer, Record<string, string>]>([
    ['raw, text/plain', FILE, {}],
    ['raw, with a charset', FILE, { 'content-type': 'Text/Plain; charset=us-ascii' }],
    ['raw, application/octet-stream', FILE, { 'content-type': 'application/octet-stream' }],
    ['raw, gzip', gzipSync(FILE), { 'content-encoding': 'gzip' }],
    [
      'raw, gzip of two members',
      Buffer.concat([gzipSync(FILE.subarray(0, 200)), gzipSync(FILE.subarray(200))]),
      { 'content-encoding': 'GZIP' },
    ],
    ['a form', form(FILE), FORM],
    [
      'a form with another field before',
      form(FILE, { before: field, field: 'upload', type: 'application/octet-stream' }),
      FORM,
    ],
    ['a form with a gzip file', form(gzipSync(FILE), { type: 'application/gzip', fileName: 'batch.txt.gz' }), FORM],
  ])('%s', async (_, body, headers) => {
    await using it = await opened();
    const answer = await it.client.upload(body, headers);
    expect(answer.status).toBe(202);
    const batch = answer.json<Batch>();
    expect(answer.headers.location).toBe(`/ccass/v1/batches/${batch.reference}`);
    expect(batch).toMatchObject({
      ...{ reference: 'U00000000001', repeat: false, fileId: 'ZSIUP01', businessDate: '2021-07-24', sequence: '0001' },
      ...{ sha256: createHash('sha256').update(FILE).digest('hex'), sizeBytes: FILE.length, receivedBy: 'backup' },
    });
    await batchesDone(it.control);
    expect(await it.client.batch(batch.reference)).toMatchObject({ status: 'processed', records: 3, accepted: 3 });
    const [entry] = await noted(it.control, { kinds: ['upload'] });
    expect(entry).toMatchObject({
      participant: 'B09901',
      user: 'MAKER01',
      detail: { batch: batch.reference, repeat: false },
    });
    // Sent again in any encoding, it is the same file.
    const again = await it.client.upload(FILE);
    expect([again.status, again.json<Batch>()]).toMatchObject([200, { reference: 'U00000000001', repeat: true }]);
  });

  test('in chunks of any size, without a length', async () => {
    await using it = await opened();
    const request = https.request(new URL('/ccass/v1/batches', it.harness.addresses.line), {
      method: 'POST',
      ca: it.harness.ca,
      agent: false,
      headers: { authorization: `Bearer ${it.client.token}`, 'content-type': 'text/plain' },
    });
    for (let at = 0; at < FILE.length; at += 61) request.write(FILE.subarray(at, at + 61));
    request.end();
    const [response] = await once(request, 'response');
    response.resume();
    expect(response.statusCode).toBe(202);
    await batchesDone(it.control);
    expect((await it.client.batch('U00000000001')).accepted).toBe(3);
  });

  test('no Content-Type at all is a raw body', async () => {
    await using it = await opened();
    const answer = await it.client.ask('/ccass/v1/batches', { method: 'POST', body: FILE });
    expect(answer.status).toBe(202);
  });

  test('by supertest, attached', async () => {
    await using it = await opened();
    const { body } = await supertest(it.harness.addresses.line)
      .post('/ccass/v1/batches')
      .ca(it.harness.ca)
      .set('authorization', `Bearer ${it.client.token}`)
      .attach('file', FILE, 'ZSIUP01.txt')
      .expect(202);
    expect(body.sizeBytes).toBe(FILE.length);
  });
});

describe('an upload that is refused at once leaves nothing', () => {
  let folder: Awaited<ReturnType<typeof dataFolder>>;
  let it: Awaited<ReturnType<typeof opened>>;
  beforeAll(async () => {
    folder = await dataFolder();
    it = await opened({ data: folder.path, limits: { uploadBytes: 100 * 162 } });
  });
  afterAll(async () => {
    await it[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });
  let sequence = 1000;
  /** A file with an unused sequence number. */
  const fresh = (rows: number) => batchFile(rows, { sequence: String(++sequence) });
  const last = async () => answered(await it.control.journal({ limit: 1 })).last;
  const batches = async () => (await it.client.ask('/ccass/v1/batches')).json<{ rows: Batch[] }>().rows;

  const broken = gzipSync(FILE);
  test.each<[string, Buffer, Record<string, string>, number, string]>([
    ['JSON', Buffer.from('{}'), { 'content-type': 'application/json' }, 415, 'UNSUPPORTED_MEDIA'],
    ['a picture', FILE, { 'content-type': 'image/png' }, 415, 'UNSUPPORTED_MEDIA'],
    ['brotli', FILE, { 'content-encoding': 'br' }, 415, 'UNSUPPORTED_MEDIA'],
    ['a form without a file', form(FILE, { fileName: null }), FORM, 415, 'UNSUPPORTED_MEDIA'],
    ['a form without a boundary', form(FILE), { 'content-type': 'multipart/form-data' }, 415, 'UNSUPPORTED_MEDIA'],
    ['no form in a form', FILE, FORM, 415, 'UNSUPPORTED_MEDIA'],
    ['a compressed form', gzipSync(form(FILE)), { ...FORM, 'content-encoding': 'gzip' }, 415, 'UNSUPPORTED_MEDIA'],
    ['a form that ends early', form(FILE).subarray(0, 400), FORM, 400, 'UNREADABLE_BODY'],
    ['gzip that is none', FILE, { 'content-encoding': 'gzip' }, 400, 'UNREADABLE_BODY'],
    [
      'gzip that ends early',
      broken.subarray(0, broken.length - 12),
      { 'content-encoding': 'gzip' },
      400,
      'UNREADABLE_BODY',
    ],
    [
      'gzip with a wrong check sum',
      Buffer.concat([broken.subarray(0, -8), Buffer.alloc(8)]),
      { 'content-encoding': 'gzip' },
      400,
      'UNREADABLE_BODY',
    ],
    ['a form with two files', Buffer.concat([form(FILE).subarray(0, -11), form(FILE)]), FORM, 400, 'UNREADABLE_BODY'],
    ['another participant’s file', batchFile(1, { participant: 'B09902' }), {}, 403, 'WRONG_PARTICIPANT'],
  ])('%s (UNSUPPORTED_MEDIA, UNREADABLE_BODY, WRONG_PARTICIPANT)', async (_, body, headers, status, code) => {
    const [before, kept, after] = [await folder.blobs(), await batches(), await last()];
    const answer = await it.client.upload(body, headers);
    expect(told(answer)).toEqual([status, code]);
    const next =
      { WRONG_PARTICIPANT: 'Log on as B09902', UNREADABLE_BODY: 'send one whole file' }[code] ?? 'Send the file as';
    expect(answer.json().detail).toContain(next);
    const [entry] = await noted(it.control, { kinds: ['refusal'], after });
    expect(entry).toMatchObject({ participant: 'B09901', detail: { operation: 'upload', code } });
    expect(await batches()).toEqual(kept);
    expect(await folder.blobs()).toEqual(before);
    // The connection, or the next one, works as before.
    expect((await it.client.upload(fresh(1))).status).toBe(202);
    await batchesDone(it.control);
  });

  test.each<[string, (file: Buffer) => [Buffer, Record<string, string>]]>([
    ['raw', (file) => [file, {}]],
    ['gzip, small as it comes', (file) => [gzipSync(file), { 'content-encoding': 'gzip' }]],
    ['in a form', (file) => [form(file), FORM]],
    ['gzip in a form', (file) => [form(gzipSync(file), { type: 'application/gzip' }), FORM]],
  ])('too large a file, %s: 413, and the client hears it (TOO_LARGE)', async (_, sent) => {
    expect((await it.client.upload(...sent(fresh(98)))).status).toBe(202);
    await batchesDone(it.control);
    const before = await folder.blobs();
    for (const rows of [99, 40_000]) {
      expect(told(await it.client.upload(...sent(fresh(rows))))).toEqual([413, 'TOO_LARGE']);
    }
    expect(await folder.blobs()).toEqual(before);
    expect((await it.client.upload(fresh(1))).status).toBe(202);
    await batchesDone(it.control);
  });
});

describe('a repeated upload', () => {
  test('other content under the same sequence is refused, and the refusal names the batch (SEQUENCE_USED)', async () => {
    await using it = await opened();
    await it.client.upload(FILE);
    const other = await it.client.upload(batchFile(2));
    expect(told(other)).toEqual([409, 'SEQUENCE_USED']);
    expect(other.json()).toMatchObject({ batch: 'U00000000001' });
    expect((await it.client.upload(batchFile(2, { sequence: '0002' }))).status).toBe(202);
  });

  test('a missing last CRLF is other content (SEQUENCE_USED)', async () => {
    await using it = await opened();
    await it.client.upload(FILE);
    expect(told(await it.client.upload(FILE.subarray(0, -2)))).toEqual([409, 'SEQUENCE_USED']);
  });

  test('by another user of the participant it is still the same', async () => {
    await using it = await opened();
    await it.client.upload(FILE);
    using checker = onTheLine(it.harness);
    await checker.logon({ user: 'CHECK01' });
    const answer = await checker.upload(FILE);
    expect([answer.status, answer.json<Batch>().reference]).toEqual([200, 'U00000000001']);
  });

  test('a discarded file is known again, before its date is looked at; its sequence is free for other content', async () => {
    await using it = await opened();
    const bad = batchFile(1, { businessDate: '2021-07-23' });
    expect((await it.client.upload(bad)).status).toBe(202);
    await batchesDone(it.control);
    const again = await it.client.upload(bad);
    expect([again.status, again.json<Batch>()]).toMatchObject([
      200,
      { repeat: true, status: 'discarded', reference: 'U00000000001' },
    ]);
    expect(again.json<Batch>().fault?.code).toBe('WRONG_DATE');

    const damaged = Buffer.from(FILE.toString().replace('000000004000', '000000004001'));
    await it.client.upload(damaged);
    await batchesDone(it.control);
    expect((await it.client.batch('U00000000002')).fault?.code).toBe('RECORD_CHECKSUM');
    expect((await it.client.upload(FILE)).json<Batch>()).toMatchObject({ reference: 'U00000000003', repeat: false });
    await batchesDone(it.control);
    // Each of the two still has its own reference.
    expect((await it.client.upload(damaged)).json<Batch>()).toMatchObject({ reference: 'U00000000002', repeat: true });
    expect((await it.client.upload(FILE)).json<Batch>()).toMatchObject({ reference: 'U00000000003', repeat: true });
  });

  test('a row that was refused frees its reference', async () => {
    await using it = await opened();
    await it.client.upload(batchFile([{ reference: 'TWICE', stock: '99999' }]));
    await batchesDone(it.control);
    await it.client.upload(batchFile([{ reference: 'TWICE' }, { reference: 'TWICE' }], { sequence: '0002' }));
    await batchesDone(it.control);
    const { report } = await outcomeOf(it.client, 'U00000000002');
    expect(report.details.map((row) => [row.outcome, row.reason])).toEqual([
      ['A', ''],
      ['R', 'DUPLICATE_REFERENCE'],
    ]);
  });

  test('concurrent uploads of one file get the same reference, one of them as new', async () => {
    await using it = await opened();
    using other = onTheLine(it.harness);
    await other.logon({ user: 'CHECK01' });
    const answers = await Promise.all(
      [it.client, other, it.client, other, it.client].map((client) => client.upload(FILE)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 202]);
    expect(new Set(answers.map((answer) => answer.json<Batch>().reference)).size).toBe(1);
    await batchesDone(it.control);
    expect(await it.client.instructions()).toHaveLength(3);
  });

  test('concurrent uploads of other content under one sequence: one wins', async () => {
    await using it = await opened();
    const answers = await Promise.all([1, 2, 3, 4].map((rows) => it.client.upload(batchFile(rows))));
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 409, 409, 409]);
  });
});

describe('a connection that is cut in the middle leaves nothing', () => {
  test.each<[string, Record<string, string>, (file: Buffer) => Buffer]>([
    ['raw', { 'content-type': 'text/plain' }, (file) => file],
    ['a form', FORM, (file) => form(file)],
    ['gzip', { 'content-type': 'text/plain', 'content-encoding': 'gzip' }, (file) => gzipSync(file, { level: 0 })],
  ])('%s', async (_, headers, sent) => {
    await using folder = await dataFolder();
    await using it = await opened({ data: folder.path });
    const before = await folder.blobs();
    const large = sent(batchFile(5_000));
    for (const chunked of [false, true]) {
      await cutMidway(it.harness, it.client, large, chunked, headers);
    }
    // Both the listener and the verb may have seen it end.
    const broken = await noted(it.control, { kinds: ['refusal'], participant: 'B09901' }, 2);
    expect(broken.map(({ detail }) => detail.code)).toEqual(['UNREADABLE_BODY', 'UNREADABLE_BODY']);
    expect((await it.client.ask('/ccass/v1/batches')).json<{ rows: Batch[] }>().rows).toEqual([]);
    expect(await folder.blobs()).toEqual(before);
    // The retry is an ordinary upload.
    expect((await it.client.upload(large, headers)).json<Batch>()).toMatchObject({
      reference: 'U00000000001',
      repeat: false,
    });
    await batchesDone(it.control);
    expect((await it.client.batch('U00000000001')).accepted).toBe(5_000);
  });

  async function cutMidway(
    harness: Harness,
    client: Client,
    body: Buffer,
    chunked: boolean,
    headers: Record<string, string>,
  ) {
    const request = https.request(new URL('/ccass/v1/batches', harness.addresses.line), {
      method: 'POST',
      ca: harness.ca,
      agent: false,
      headers: {
        authorization: `Bearer ${client.token}`,
        ...headers,
        ...(chunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': body.length }),
      },
    });
    request.on('error', () => undefined);
    // Half of it is out before the connection breaks.
    await new Promise<void>((resolve) => request.write(body.subarray(0, body.length / 2), () => resolve()));
    const closed = new Promise((resolve) => request.once('close', resolve));
    request.destroy();
    await closed;
  }
});

test('a repeat after a lost answer inputs nothing twice', async () => {
  await using it = await opened();
  const request = https.request(new URL('/ccass/v1/batches', it.harness.addresses.line), {
    method: 'POST',
    ca: it.harness.ca,
    agent: false,
    headers: {
      authorization: `Bearer ${it.client.token}`,
      'content-type': 'text/plain',
      'content-length': FILE.length,
    },
  });
  request.on('error', () => undefined);
  request.end(FILE);
  await noted(it.control, { kinds: ['upload'] });
  request.destroy();
  const again = await it.client.upload(FILE);
  expect([again.status, again.json<Batch>().repeat]).toEqual([200, true]);
  await batchesDone(it.control);
  expect(await it.client.instructions()).toHaveLength(3);
});

test('a drain lets a paused upload finish', async () => {
  await using it = await opened();
  const request = https.request(new URL('/ccass/v1/batches', it.harness.addresses.line), {
    method: 'POST',
    ca: it.harness.ca,
    agent: false,
    headers: {
      authorization: `Bearer ${it.client.token}`,
      'content-type': 'text/plain',
      'content-length': FILE.length,
    },
  });
  await new Promise<void>((resolve) => request.write(FILE.subarray(0, 200), () => resolve()));
  // The centre is handling it once it answers later requests on other connections.
  await it.client.ask('/ccass/v1/profile');
  const drained = it.control.failover({ to: 'primary', mode: 'drain' });
  request.end(FILE.subarray(200));
  const [response] = await once(request, 'response');
  response.resume();
  expect(response.statusCode).toBe(202);
  expect(answered(await drained)).toMatchObject({ lost: [], lostBatches: [] });
  await batchesDone(it.control);
  await it.client.logon();
  expect((await it.client.batch('U00000000001')).accepted).toBe(3);
});

/** A data folder, and the names of all blobs, finished and not, of either centre. */
async function dataFolder() {
  const path = await mkdtemp(join(tmpdir(), 'ccass-data-'));
  return {
    path,
    blobs: async () =>
      (await Promise.all(['primary', 'backup'].map((centre) => readdir(join(path, centre, 'blobs'))))).flat().sort(),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}
