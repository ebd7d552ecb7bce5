import fastify, { type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import Type from '../../src/api/schema-builder.ts';
import { lazyCompilers } from '../../src/http/compilers.ts';
import { answerErrors, errorAnswer } from '../../src/http/errors.ts';
import { refusalOf } from '../../src/http/problem.ts';

const strict = { additionalProperties: false };
const bugs: [string, string][] = [];
let app: FastifyInstance;

beforeAll(async () => {
  const errors = {
    now: () => 0,
    bodyLimitBytes: 2_000,
    docsOf: (path: string) => `${path.split('?')[0]}/docs`,
    entryPoints: ['/start'],
    onError: (error: Error, { url }: { url: string }) => void bugs.push([url, error.message]),
  };
  app = fastify({ bodyLimit: 2_000, schemaController: lazyCompilers, frameworkErrors: errorAnswer(errors) });
  answerErrors(app, errors);
  app.get('/bug', () => {
    throw new Error('a bug');
  });
  const body = Type.Object(
    {
      password: Type.Optional(Type.String({ maxLength: 8, writeOnly: true })),
      rows: Type.Optional(Type.Array(Type.Object({ price: Type.Integer() }, strict))),
      when: Type.Optional(Type.Union([Type.Literal('now'), Type.Null()])),
      content: Type.Optional(Type.String({ contentEncoding: 'base64' })),
      change: Type.Optional(
        Type.Union([
          Type.Object({ to: Type.String(), at: Type.Integer() }, strict),
          Type.Object({ undo: Type.Boolean() }, strict),
        ]),
      ),
    },
    strict,
  );
  app.post('/form', { schema: { body } }, () => 'taken');
  app.get('/form/:id', () => 'here');
  app.get('/hidden', { schema: { hide: true } }, () => 'here');
  await app.ready();
});
afterAll(() => app.close());

const send = async (payload: object) => {
  const answer = await app.inject({ method: 'POST', url: '/form', payload });
  return { status: answer.statusCode, code: answer.json().code, ...answer.json().words?.detail };
};

describe('a bug of ours', () => {
  it.each([
    ['en', 'An error of the harness', /bug of ccass-harness, not an answer of the market/],
    ['zh-Hant', '系統程式錯誤', /並非市場的答覆/],
  ])('is HARNESS_ERROR without its particulars, in %s', async (language, title, detail) => {
    const answer = await app.inject({ url: '/bug', headers: { 'accept-language': language } });
    expect([answer.statusCode, answer.headers['content-type'], answer.headers['content-language']]).toEqual([
      500,
      'application/problem+json; charset=utf-8',
      language,
    ]);
    const problem = answer.json();
    expect(problem).toMatchObject({ type: 'urn:ccass-harness:error', status: 500, code: 'HARNESS_ERROR', title });
    expect(problem.detail).toMatch(detail);
    expect(answer.body).not.toContain('a bug"');
    expect(bugs.at(-1)).toEqual(['/bug', 'a bug']);
    // Clients throw it: it is not a refusal.
    expect(refusalOf(problem)).toBeNull();
  });
});

describe('what does not fit', () => {
  it('is named with what came, but a secret is not repeated (BAD_REQUEST)', async () => {
    const refused = await send({ password: 'much-too-long-secret', rows: { price: 1 } });
    expect(refused).toMatchObject({ status: 400, code: 'BAD_REQUEST' });
    expect(refused.en).toContain('/password: expected at most 8 characters');
    expect(refused.en).toContain('/rows: got an object, expected array');
    expect(refused.zh).toContain('/rows：收到 物件，應為類型 array');
    expect(JSON.stringify(refused)).not.toContain('secret');
  });

  it('is named ten times at most', async () => {
    const { en, zh } = await send({ rows: Array.from({ length: 25 }, () => ({ price: '1' })) });
    expect(en.match(/expected integer/g)).toHaveLength(10);
    expect(en).toMatch(/and 15 more\. The shapes are at \/form\/docs$/);
    expect(zh).toContain('另有 15 項');
  });

  it.each([
    [{ to: 'x', at: 'y' }, 'body: /change/at: got "y", expected integer. '],
    [{ undo: 1 }, 'body: /change/undo: got 1, expected boolean. '],
    [{ undo: true, at: 1 }, 'body: /change/to is missing; unknown field /change/undo, expected to, at. '],
    [{}, 'body: /change: got an object, expected an object with exactly one of to + at, undo. '],
    ['now', 'body: /change: got "now", expected an object with exactly one of to + at, undo. '],
  ])('of a union is told by the branch that was meant: %j', async (change, says) => {
    expect((await send({ change })).en).toBe(`${says}The shapes are at /form/docs`);
  });

  it('of a union of values is told by every branch', async () => {
    expect((await send({ when: 5 })).en).toContain(
      'body: /when: got 5, expected string; /when: got 5, expected "now"; /when: got 5, expected null. ',
    );
  });

  it('of a file in base64 is told by the size of the file', async () => {
    const { status, en } = await send({ content: 'x'.repeat(3_000) });
    expect([status, en]).toEqual([413, 'A body may have 2000 bytes here, a file of 0 MiB in base64. Send less.']);
  });
});

test('a path that cannot be decoded is refused before any route (BAD_REQUEST)', async () => {
  const answer = await app.inject({ url: '/form/%zz' });
  expect([answer.statusCode, answer.json().code]).toEqual([400, 'BAD_REQUEST']);
  expect(answer.json().detail).toContain('/form/%zz cannot be decoded');
});

describe('a route that is not there', () => {
  it('has the methods of its path, in the answer as in Allow (METHOD_NOT_ALLOWED)', async () => {
    const answer = await app.inject({ method: 'DELETE', url: '/form/7' });
    expect([answer.statusCode, answer.headers.allow]).toEqual([405, 'GET, HEAD']);
    expect(answer.json()).toMatchObject({ code: 'METHOD_NOT_ALLOWED', allow: ['GET', 'HEAD'] });
  });

  it('has the nearest that are shown, or the entry points (NOT_FOUND)', async () => {
    expect((await app.inject('/forn')).json()).toMatchObject({ code: 'NOT_FOUND', nearest: ['/form', '/form/:id'] });
    expect((await app.inject('/hiddem')).json().nearest).toEqual([]);
    expect((await app.inject('/hiddem')).json().detail).toBe(
      'There is no GET /hiddem here. Nearest: /start. All of them: /hiddem/docs',
    );
  });
});
