import supertest from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Harness } from '../../../src/harness/options.ts';
import { batchFile } from '../../support/batch-files.ts';
import { type Batch, type Instruction, PASSWORD, type Rows } from '../../support/client.ts';
import { answered, batchesDone, inSession1, noted } from '../../support/rehearsal.ts';

/** The verbs of /ccass/v1 on the real listener with TLS 1.2; supertest checks the certificate against the CA. */
let harness: Harness;
let api: ReturnType<typeof supertest.agent>;
let bearer: Record<string, string>;
let beginning: Rows<Instruction>;
const WORDS = { en: 'Session 1 is extended', zh: '時段 1 延長' };
beforeAll(async () => {
  harness = await inSession1();
  api = supertest.agent(harness.addresses.backup, { ca: harness.ca });
  const credentials = { participant: 'B09901', user: 'MAKER01', password: PASSWORD, channel: 'C3T' };
  const { body } = await api.post('/ccass/v1/session').send(credentials).expect(201);
  bearer = { authorization: `Bearer ${body.token}` };
  await send('0101', 7);
  beginning = (await get('/ccass/v1/settlement-instructions?limit=3').expect(200)).body;
  await send('0102', 2);
  answered(await harness.control.broadcast({ kind: 'extension', subject: WORDS, text: WORDS }));
});
afterAll(() => harness.stop());

const get = (path: string) => api.get(path).set(bearer);
async function send(sequence: string, rows: number) {
  const file = batchFile(rows, { sequence }).toString();
  await api.post('/ccass/v1/batches').set(bearer).type('text/plain').send(file).expect(202);
  await batchesDone(harness.control);
}

test('log-on answers with user, centre, session, release, and how long it lasts', async () => {
  const credentials = { participant: 'C09901', user: 'CHECK01', password: PASSWORD, channel: 'PG' };
  const { body, headers } = await supertest(harness.addresses.line)
    .post('/ccass/v1/session')
    .ca(harness.ca)
    .send(credentials)
    .expect(201);
  expect(body).toEqual({
    token: expect.stringMatching(/^backup\.[\w-]{43}$/),
    ...{
      participant: 'C09901',
      user: 'CHECK01',
      role: 'checker',
      channel: 'PG',
      centre: 'backup',
      release: 'upgraded',
    },
    rehearsalSession: { id: 'session-1', name: { en: 'Session 1', zh: '時段 1' } },
    ...{
      loggedOnAt: '2021-07-24T16:30:00+08:00',
      idleMinutes: 15,
      passwordExpires: '2021-10-22',
      warnings: [],
      simulated: true,
    },
  });
  expect(headers['x-simulated']).toMatch(/not HKEX/);
  expect(headers['x-data-centre']).toBe('backup');
});

test('profile: participant, user, accounts, and no hash', async () => {
  const { body } = await get('/ccass/v1/profile').expect(200);
  expect(body.participant).toMatchObject({ id: 'B09901', type: 'direct-clearing' });
  expect(body.user).toEqual({
    ...{ id: 'MAKER01', name: 'Maker of B09901', role: 'maker', inputLimitHkd: '500000000.00' },
    passwordSetAt: '2021-07-24T16:25:00+08:00',
  });
  expect(body.accounts.map((account: { id: string }) => account.id)).toEqual(['01', '03', '04', '06']);
});

describe('stock balances', () => {
  test('all of them, with price and value', async () => {
    const { body } = await get('/ccass/v1/stock-balances').expect(200);
    expect(body.rows).toHaveLength(25);
    expect(body.next).toBeNull();
    const hsbc = body.rows.find(
      (row: { account: string; stock: string }) => row.account === '01' && row.stock === '00005',
    );
    expect(hsbc).toMatchObject({ isin: 'GB0005405286', quantity: 160000, currency: 'HKD' });
    expect(Number(hsbc.marketValue)).toBeCloseTo(Number(hsbc.price) * hsbc.quantity, 2);
  });

  test.each(['5', '05', '00005', 'GB0005405286'])(
    'stock %s: by its code, whatever its zeros, or by its ISIN',
    async (code) => {
      const { body } = await get(`/ccass/v1/stock-balances?stock=${code}`).expect(200);
      expect(body.rows.map((row: { account: string; quantity: number }) => [row.account, row.quantity])).toEqual([
        ['01', 160000],
        ['03', 64000],
        ['04', 4000],
      ]);
    },
  );

  test('by account, page by page: every row once, in order', async () => {
    const { body: whole } = await get('/ccass/v1/stock-balances?account=01').expect(200);
    for (const limit of [1, 4, 16, 17, 18]) {
      const rows: unknown[] = [];
      const sizes: number[] = [];
      for (let next: string | null = ''; next !== null; ) {
        const cursor: string = next && `&cursor=${next}`;
        const { body } = await get(`/ccass/v1/stock-balances?account=01&limit=${limit}${cursor}`).expect(200);
        rows.push(...body.rows);
        sizes.push(body.rows.length);
        next = body.next;
      }
      expect(rows).toEqual(whole.rows);
      expect(sizes.slice(0, -1).every((size) => size === limit)).toBe(true);
    }
  });

  test('a stock that the market lacks is refused by name (NOT_FOUND), an invalid code as such (BAD_REQUEST)', async () => {
    for (const none of ['99999', 'HK0000000000'])
      expect((await get(`/ccass/v1/stock-balances?stock=${none}`).expect(404)).body).toMatchObject({
        code: 'NOT_FOUND',
        detail: expect.stringContaining(`no stock ${none}. Nearest: `),
      });
    for (const query of [
      'stock=HSBC',
      'stock=gb0005405286',
      'stock=123456',
      'limit=0',
      'limit=1001',
      'limit=1.5',
      'account=123456789',
      'sort=up',
    ]) {
      const { body } = await get(`/ccass/v1/stock-balances?${query}`).expect(400);
      expect(body.code).toBe('BAD_REQUEST');
      expect(body.detail).toContain(query.split('=')[0]);
    }
  });
});

describe('settlement instructions', () => {
  test('pages do not shift while new rows arrive', async () => {
    expect(beginning.rows.map((row) => row.reference)).toEqual(['0101-1', '0101-2', '0101-3']);
    const seen: string[] = [];
    for (let next = beginning.next; next !== null; ) {
      const page: Rows<Instruction> = (
        await get(`/ccass/v1/settlement-instructions?limit=3&cursor=${next}`).expect(200)
      ).body;
      seen.push(...page.rows.map((row) => row.reference));
      next = page.next;
    }
    expect(seen).toEqual(['0101-4', '0101-5', '0101-6', '0101-7', '0102-1', '0102-2']);
    expect(beginning.rows[0]).toMatchObject({
      number: 'D00000001',
      reference: '0101-1',
      ...{
        status: 'unmatched',
        side: 'deliver',
        stock: '00005',
        quantity: 4000,
        counterparty: 'B09902',
        account: '01',
      },
      ...{
        payment: 'DVP',
        currency: 'HKD',
        amount: '181200.00',
        settlementDate: '2021-07-26',
        hold: false,
        narrative: '',
      },
      ...{ inputBy: 'MAKER01', inputAt: '2021-07-24T16:30:00+08:00', batch: 'U00000000001' },
    });
  });

  test('a page is never longer than the rest, and the last one says that it is the last', async () => {
    const { body } = await get('/ccass/v1/settlement-instructions?limit=9').expect(200);
    expect([body.rows.length, body.next]).toEqual([9, null]);
  });

  test('one, by its number; by status and stock', async () => {
    const { body } = await get('/ccass/v1/settlement-instructions/D00000002').expect(200);
    expect(body.reference).toBe('0101-2');
    expect((await get('/ccass/v1/settlement-instructions?status=matched').expect(200)).body.rows).toEqual([]);
    expect((await get('/ccass/v1/settlement-instructions?stock=5').expect(200)).body.rows).toHaveLength(9);
    expect((await get('/ccass/v1/settlement-instructions?stock=700').expect(200)).body.rows).toEqual([]);
    await get('/ccass/v1/settlement-instructions/D99999999').expect(404);
  });

  test.each(['nonsense', 'YmFsYW5jZTowMS8wMDAwNQ', '%00', 'x'.repeat(120)])(
    'a cursor that is none of its own: %s (BAD_CURSOR)',
    async (cursor) => {
      const { body } = await get(`/ccass/v1/settlement-instructions?cursor=${cursor}`).expect(400);
      expect(body.code).toBe('BAD_CURSOR');
    },
  );
});

test('broadcasts: newest first, in both languages, and the journal notes that they were read', async () => {
  const { last: after } = answered(await harness.control.journal({ limit: 1 }));
  const { body } = await get('/ccass/v1/broadcasts').expect(200);
  expect(body.rows.map((row: { kind: string }) => row.kind)).toEqual(['extension', 'activation']);
  expect(body.rows[0]).toEqual({
    number: 'N000002',
    at: '2021-07-24T16:30:00+08:00',
    kind: 'extension',
    subject: WORDS,
    text: WORDS,
  });
  const [entry] = await noted(harness.control, { kinds: ['answer'], after });
  const detail = { operation: 'broadcasts', rows: 2, status: 200, sent: 'all' };
  expect(entry).toMatchObject({ participant: 'B09901', user: 'MAKER01', detail });
});

test('data of another participant are answered as if they did not exist', async () => {
  const { body: mine } = await get('/ccass/v1/reports').expect(200);
  const other = supertest.agent(harness.addresses.backup, { ca: harness.ca });
  const credentials = { participant: 'B09902', user: 'MAKER01', password: PASSWORD, channel: 'C3T' };
  await other.post('/ccass/v1/session').send(credentials).expect(201);
  // The log-on's cookie goes with every request; no bearer token is sent.
  expect((await other.get('/ccass/v1/profile').expect(200)).body.participant.id).toBe('B09902');
  const theirs = mine.rows.find((row: { id: string }) => row.id === 'ZSICR01');
  for (const [path, none] of [
    ['batches/U00000000001', 'batches/U99999999999'],
    [`reports/${theirs.reference}`, 'reports/R99999999'],
    ['settlement-instructions/D00000001', 'settlement-instructions/D99999999'],
  ]) {
    const [found, missing] = [await other.get(`/ccass/v1/${path}`), await other.get(`/ccass/v1/${none}`)];
    expect([found.status, missing.status]).toEqual([404, 404]);
    const digitsAway = (body: unknown) => JSON.stringify(body).replace(/[URD]\d{8,11}/g, '#');
    expect(digitsAway(found.body)).toBe(digitsAway(missing.body));
  }
  expect((await other.get('/ccass/v1/settlement-instructions').expect(200)).body.rows).toEqual([]);
  expect((await other.get('/ccass/v1/batches').expect(200)).body.rows).toEqual([]);
  const { body } = await other.get('/ccass/v1/reports').expect(200);
  const owners: string[] = body.rows.map((row: { participant: string }) => row.participant);
  expect(owners.length).toBeGreaterThan(0);
  expect(owners.filter((owner) => owner !== 'B09902' && owner !== 'COMMON')).toEqual([]);
});

test.each(['due-positions', 'broadcasts', 'batches'])('%s come in pages', async (list) => {
  const { body: whole } = await get(`/ccass/v1/${list}`).expect(200);
  expect([whole.rows.length > 1, whole.next]).toEqual([true, null]);
  const { body: first } = await get(`/ccass/v1/${list}?limit=1`).expect(200);
  expect(first.rows).toEqual(whole.rows.slice(0, 1));
  const { body: rest } = await get(`/ccass/v1/${list}?cursor=${first.next}`).expect(200);
  expect(rest).toEqual({ rows: whole.rows.slice(1), next: null });
  const { body: refused } = await get(`/ccass/v1/${list}?cursor=made-up`).expect(400);
  expect(refused).toMatchObject({ code: 'BAD_CURSOR' });
});

test('batches: newest first, with the control report', async () => {
  const { body } = await get('/ccass/v1/batches').expect(200);
  expect(body.rows.map((row: Batch) => row.reference)).toEqual(['U00000000002', 'U00000000001']);
  expect(body.rows[1]).toMatchObject({
    ...{ fileId: 'ZSIUP01', businessDate: '2021-07-24', sequence: '0101', status: 'processed', receivedBy: 'backup' },
    ...{ records: 7, done: 7, accepted: 7, refused: 0, fault: null, reports: [expect.any(String), expect.any(String)] },
  });
});
