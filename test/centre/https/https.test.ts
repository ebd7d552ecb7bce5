import supertest from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Harness } from '../../../src/harness/options.ts';
import { PASSWORD } from '../../support/client.ts';
import { answered, inSession1 } from '../../support/rehearsal.ts';

let harness: Harness;
let api: ReturnType<typeof supertest.agent>;
beforeAll(async () => {
  harness = await inSession1();
  api = supertest.agent(harness.addresses.backup, { ca: harness.ca });
});
afterAll(() => harness.stop());

const LOGON = { participant: 'B09901', user: 'MAKER01', password: PASSWORD, channel: 'C3T' };

describe('JSON is checked strictly', () => {
  test.each([
    ['an unknown member', { ...LOGON, remember: true }, /unknown field \/remember, expected participant, user, /],
    ['a number for a text', { ...LOGON, participant: 9901 }, /\/participant/],
    ['a text for a truth value', { ...LOGON, takeOver: 'true' }, /\/takeOver/],
    ['null', { ...LOGON, newPassword: null }, /\/newPassword/],
    ['a missing member', { participant: 'B09901', user: 'MAKER01', channel: 'C3T' }, /password/],
    ['a channel that is none', { ...LOGON, channel: 'FAX' }, /\/channel: got "FAX", expected one of C3T, PG/],
    ['too long a text', { ...LOGON, user: 'MAKER0123' }, /\/user/],
    ['an empty text', { ...LOGON, password: '' }, /\/password/],
    ['a list', [LOGON], /body/],
    [
      'a prototype',
      JSON.parse(`{"__proto__": {"takeOver": true}, ${JSON.stringify(LOGON).slice(1)}`),
      /BAD_REQUEST|__proto__|prototype/,
    ],
  ])('%s: 400, and it says which (BAD_REQUEST)', async (_, body, says) => {
    const answer = await api.post('/ccass/v1/session').send(body).expect(400);
    expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(answer.body).toMatchObject({ status: 400, code: 'BAD_REQUEST' });
    expect(`${answer.body.code} ${answer.body.detail}`).toMatch(says);
  });

  test('in Chinese too', async () => {
    const body = { user: '', channel: 'FAX', remember: true, participant: 'B09901' };
    const answer = await api.post('/ccass/v1/session').send(body).expect(400);
    const { zh } = answer.body.words.detail;
    expect(zh).toContain('缺少欄位 /password');
    expect(zh).toContain('/channel：收到 "FAX"，應為下列之一：C3T, PG');
    expect(zh).toContain('/user：收到 ""，應為至少 1 個字元');
    expect(zh).toMatch(/未知欄位 \/remember，可用欄位：participant, user/);
    expect(zh).not.toContain('expected');
  });

  test('a body that is not valid JSON: refused in both languages, with the next step (BAD_REQUEST)', async () => {
    for (const text of ['', '{', '{"participant": B09901}', 'participant=B09901', '\u0000']) {
      const { body } = await api.post('/ccass/v1/session').type('application/json').send(text).expect(400);
      expect(body.code).toBe('BAD_REQUEST');
      const { en, zh } = body.words.detail;
      expect(en).toMatch(
        text === '' ? /^The body is empty.*leave Content-Type out/ : /^The body is not valid JSON.*\/docs$/,
      );
      expect(zh.replace(/JSON|Content-Type|\/ccass\/v1\/docs/g, '')).not.toMatch(/[A-Za-z]/);
    }
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'application/xml'])(
    'as %s: 415 (UNSUPPORTED_MEDIA)',
    async (type) => {
      const { body } = await api.post('/ccass/v1/session').type(type).send(JSON.stringify(LOGON)).expect(415);
      expect(body).toMatchObject({ code: 'UNSUPPORTED_MEDIA' });
      expect(body.detail).toContain('application/json');
    },
  );

  test('a body of more than 64 KiB: 413 (TOO_LARGE)', async () => {
    const { body } = await api
      .post('/ccass/v1/session')
      .send({ ...LOGON, password: 'x'.repeat(70_000) })
      .expect(413);
    expect(body).toMatchObject({ code: 'TOO_LARGE' });
    expect(body.detail).toContain('65536');
  });
});

describe('problems are in the requested language', () => {
  test.each([
    [undefined, 'en'],
    ['en-GB,en;q=0.9', 'en'],
    ['zh-Hant', 'zh-Hant'],
    ['zh-HK,zh;q=0.9,en;q=0.8', 'zh-Hant'],
    ['fr, en;q=0.5, zh;q=0.7', 'zh-Hant'],
    ['fr', 'en'],
  ] as const)('Accept-Language %s: %s', async (asked, language) => {
    const request = api.get('/ccass/v1/profile');
    const { body, headers } = await (asked === undefined ? request : request.set('accept-language', asked)).expect(401);
    expect(headers['content-language']).toBe(language);
    const chinese = /[\u4e00-\u9fff]/;
    expect([chinese.test(body.title), chinese.test(body.detail)]).toEqual([language !== 'en', language !== 'en']);
    expect(body).toMatchObject({ type: 'urn:ccass-harness:refusal:NO_SESSION', status: 401, code: 'NO_SESSION' });
    expect(body.words.title.zh).toMatch(chinese);
    expect(body.words.detail.en).toMatch(/POST \/ccass\/v1\/session/);
  });
});

describe('unknown routes', () => {
  test.each([
    ['GET', '/ccass/v1/stock-balance', '/ccass/v1/stock-balances'],
    ['GET', '/ccass/v1/broadcast', '/ccass/v1/broadcasts'],
    ['GET', '/ccass/v1/Profile', '/ccass/v1/profile'],
    ['GET', '/center', '/centre'],
    ['POST', '/ccass/v1/sesion', '/ccass/v1/session'],
  ] as const)('%s %s: 404, nearest first (NOT_FOUND)', async (method, path, nearest) => {
    const { body } = await (method === 'GET' ? api.get(path) : api.post(path).send({})).expect(404);
    expect(body.code).toBe('NOT_FOUND');
    expect(body.detail.split('Nearest: ')[1]).toMatch(new RegExp(`^${nearest}[,.]`));
  });

  test.each([
    ['put', '/ccass/v1/session', 'DELETE, POST'],
    ['delete', '/ccass/v1/batches', 'GET, HEAD, POST'],
    ['post', '/ccass/v1/profile', 'GET, HEAD'],
    ['delete', '/ccass/v1/batches/U00000000001', 'GET, HEAD'],
    ['put', '/ccass/v1/reports/R00000001', 'GET, HEAD'],
  ] as const)('%s %s: 405 and what is allowed (METHOD_NOT_ALLOWED)', async (method, path, allow) => {
    const { body, headers } = await api[method](path).expect(405);
    expect(body).toMatchObject({ status: 405, code: 'METHOD_NOT_ALLOWED' });
    expect(body.detail).toContain(`Use ${headers.allow?.replaceAll(', ', ' or ')}.`);
    expect(headers.allow?.split(', ').sort().join(', ')).toBe(allow);
  });

  test('unlike any known route: the entry points', async () => {
    for (const path of ['/x', '/index.html']) {
      const { body } = await api.get(path).expect(404);
      expect(body.detail).toContain('Nearest: /centre, /ccass/v1/docs, /rap/v1/docs, /orp/v1/docs.');
      expect(body.words.detail.zh).toContain('最接近的路徑：/centre、');
    }
  });

  test('a path that cannot be decoded: what is wrong, in Chinese too', async () => {
    const { body } = await api.get('/ccass/v1/reports/%zz').expect(400);
    expect(body.words.detail).toEqual({
      en: 'The path /ccass/v1/reports/%zz cannot be decoded. Write % as %25, and other characters as RFC 3986 has it.',
      zh: '無法解讀路徑 /ccass/v1/reports/%zz。請將 % 寫作 %25，其他字元依 RFC 3986 編碼。',
    });
  });

  test.each([
    '/..%2f',
    '/%00',
    '/ccass/v1/batches/%2e%2e%2fsecret',
    '/ccass/v1/docs/..%2f..%2fpackage.json',
    '/ccass/v1/reports/%zz',
  ])('%s does no harm', async (path) => {
    const { status, body } = await api.get(path);
    expect([400, 401, 404]).toContain(status);
    expect(body.code).toMatch(/^(BAD_REQUEST|NO_SESSION|NOT_FOUND)$/);
  });
});

test('every answer has market time as its date, is marked as simulated, and turns HSTS off', async () => {
  for (const path of ['/centre', '/ccass/v1/profile', '/nowhere', '/ccass/v1/openapi.json']) {
    const { headers } = await api.get(path);
    expect(headers).toMatchObject({
      date: 'Sat, 24 Jul 2021 08:30:00 GMT',
      'x-simulated': expect.stringMatching(/^ccass-harness\/.*not HKEX/),
      'x-data-centre': 'backup',
      'strict-transport-security': 'max-age=0',
      'x-content-type-options': 'nosniff',
    });
  }
  answered(await harness.control.clock({ advanceMs: 61_000 }));
  expect((await api.get('/centre')).headers.date).toBe('Sat, 24 Jul 2021 08:31:01 GMT');
});

test('each centre says which one it is and where the line is', async () => {
  const line = harness.addresses.line;
  const { body } = await api.get('/centre').expect(200);
  expect(body).toMatchObject({ centre: 'backup', active: true, release: 'upgraded', line, simulated: true });
  const primary = await supertest(harness.addresses.primary).get('/centre').ca(harness.ca).expect(200);
  expect(primary.body).toMatchObject({ centre: 'primary', active: false, line });
});

test('a client that does not trust the CA cannot connect', async () => {
  await expect(supertest(harness.addresses.line).get('/centre')).rejects.toThrow(
    /self-signed|unable to verify|local issuer/,
  );
});
