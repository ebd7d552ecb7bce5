import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { REFUSAL_CODES, refuse } from '../../src/domain/refusal.ts';
import { HTTP_STATUS, languageOf, problemOf, refusalOf } from '../../src/http/problem.ts';

describe('problems', () => {
  it('have a status of an error for every code', () => {
    for (const code of REFUSAL_CODES) expect(HTTP_STATUS[code], code).toBeGreaterThanOrEqual(400);
    for (const code of REFUSAL_CODES) expect(HTTP_STATUS[code], code).toBeLessThan(600);
  });

  it('say what RFC 9457 has, in the asked language', () => {
    const retryAt = Date.parse('2021-07-24T08:30:00Z');
    const refusal = refuse(
      'NOT_OPEN',
      { en: 'Opens later.', zh: '稍後開放。' },
      { retryAt, more: { centre: 'backup' } },
    );
    expect(problemOf(refusal, 'zh-Hant')).toEqual({
      type: 'urn:ccass-harness:refusal:NOT_OPEN',
      title: '現時並未開放',
      status: 423,
      code: 'NOT_OPEN',
      detail: '稍後開放。',
      retryAt: '2021-07-24T16:30:00+08:00',
      centre: 'backup',
      words: { title: { en: 'Not open now', zh: '現時並未開放' }, detail: { en: 'Opens later.', zh: '稍後開放。' } },
    });
    expect(problemOf(refusal, 'en')).toMatchObject({ title: 'Not open now', detail: 'Opens later.' });
  });

  it('keep their own members whatever else a refusal tells', () => {
    const refusal = refuse('BAD_FILE', { en: 'a', zh: 'b' }, { more: { status: 1, code: 'X', words: null } });
    expect(problemOf(refusal, 'en')).toMatchObject({ status: 422, code: 'BAD_FILE', words: { detail: { en: 'a' } } });
  });

  it('turn back into the refusals they were, through JSON', () => {
    const own = ['type', 'title', 'status', 'code', 'detail', 'retryAt', 'words', '__proto__'];
    const words = fc.record({ en: fc.string(), zh: fc.string() });
    const name = fc.string({ minLength: 1 }).filter((text) => !own.includes(text));
    const more = fc.dictionary(
      name,
      fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value))),
      { minKeys: 1, noNullPrototype: true },
    );
    const retryAt = fc.integer({ min: 0, max: Date.parse('2100-01-01') });
    const extra = fc.record({ retryAt, more }, { requiredKeys: [] });
    fc.assert(
      fc.property(
        fc.constantFrom(...REFUSAL_CODES),
        words,
        extra,
        fc.constantFrom('en', 'zh-Hant'),
        (code, detail, rest, language) => {
          const refusal = refuse(code, detail, rest);
          expect(refusalOf(JSON.parse(JSON.stringify(problemOf(refusal, language))))).toEqual(refusal);
        },
      ),
    );
  });

  it.each([
    null,
    5,
    [],
    {},
    { code: 'NOT_OPEN' },
    { code: 'NEVER_HEARD_OF', words: { title: { en: '', zh: '' }, detail: { en: '', zh: '' } } },
  ])('of others are none of ours: %j', (problem) => expect(refusalOf(problem)).toBeNull());
});

describe('the language', () => {
  it.each([
    [undefined, 'en'],
    ['', 'en'],
    ['en', 'en'],
    ['zh-Hant', 'zh-Hant'],
    ['zh-HK,zh;q=0.9,en;q=0.8', 'zh-Hant'],
    ['ZH-TW', 'zh-Hant'],
    ['en-GB,en;q=0.9,zh;q=0.5', 'en'],
    ['en;q=0.4, zh;q=0.5', 'zh-Hant'],
    ['zh;q=0, en;q=0.1', 'en'],
    ['zh;q=0', 'en'],
    ['fr', 'en'],
    ['*', 'en'],
    ['zha', 'en'],
    [';;,q=,zh;q=x', 'en'],
  ])('of %j is %s', (header, language) => expect(languageOf(header)).toBe(language));
});
