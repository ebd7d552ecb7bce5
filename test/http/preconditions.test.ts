import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkPreconditions, httpDate, mayBePartial } from '../../src/http/preconditions.ts';

const etag = '"abc"';
const modifiedAt = Date.UTC(2021, 6, 23, 12, 30, 15, 250);
const [BEFORE, EXACTLY, AFTER] = ['14', '15', '16'].map((second) => `Fri, 23 Jul 2021 12:30:${second} GMT`) as [
  string,
  string,
  string,
];
const NO_DATE = 'yesterday';

describe('preconditions (RFC 9110, 13.2.2)', () => {
  test.each([
    [{}, 'passed'],
    // Step 1, If-Match: strong comparison.
    [{ 'if-match': etag }, 'passed'],
    [{ 'if-match': '*' }, 'passed'],
    [{ 'if-match': '"x", "abc"' }, 'passed'],
    [{ 'if-match': '"x"' }, 'failed'],
    [{ 'if-match': `W/${etag}` }, 'failed'],
    [{ 'if-match': 'abc' }, 'failed'],
    [{ 'if-match': '' }, 'failed'],
    // Step 2, If-Unmodified-Since: only without If-Match.
    [{ 'if-unmodified-since': BEFORE }, 'failed'],
    [{ 'if-unmodified-since': EXACTLY }, 'passed'],
    [{ 'if-unmodified-since': AFTER }, 'passed'],
    [{ 'if-unmodified-since': NO_DATE }, 'passed'],
    [{ 'if-match': etag, 'if-unmodified-since': BEFORE }, 'passed'],
    [{ 'if-match': '"x"', 'if-unmodified-since': AFTER }, 'failed'],
    // Step 3, If-None-Match: weak comparison.
    [{ 'if-none-match': etag }, 'not-modified'],
    [{ 'if-none-match': `W/${etag}` }, 'not-modified'],
    [{ 'if-none-match': '"x",W/"abc"' }, 'not-modified'],
    [{ 'if-none-match': '*' }, 'not-modified'],
    [{ 'if-none-match': '"x"' }, 'passed'],
    [{ 'if-none-match': '"a,b", "c"' }, 'passed'],
    // Step 4, If-Modified-Since: only without If-None-Match.
    [{ 'if-modified-since': EXACTLY }, 'not-modified'],
    [{ 'if-modified-since': AFTER }, 'not-modified'],
    [{ 'if-modified-since': BEFORE }, 'passed'],
    [{ 'if-modified-since': NO_DATE }, 'passed'],
    [{ 'if-none-match': '"x"', 'if-modified-since': AFTER }, 'passed'],
    [{ 'if-none-match': etag, 'if-modified-since': BEFORE }, 'not-modified'],
    // 412 comes before 304.
    [{ 'if-match': '"x"', 'if-none-match': etag }, 'failed'],
    [{ 'if-unmodified-since': BEFORE, 'if-modified-since': AFTER }, 'failed'],
    [{ 'if-match': etag, 'if-none-match': etag }, 'not-modified'],
  ] as const)('%j: %s', (headers, outcome) => {
    expect(checkPreconditions({ ...headers }, { etag, modifiedAt })).toBe(outcome);
  });

  test.each([
    [undefined, true],
    [etag, true],
    [`W/${etag}`, false],
    ['"x"', false],
    [EXACTLY, true],
    [BEFORE, false],
    [AFTER, false],
    [NO_DATE, false],
  ])('If-Range %s: a range %s', (ifRange, isPartial) => {
    expect(mayBePartial(ifRange, { etag, modifiedAt }, modifiedAt + 60_000)).toBe(isPartial);
  });

  test('If-Range with the date of this very second: it may change once more in it', () => {
    expect(mayBePartial(EXACTLY, { etag, modifiedAt }, modifiedAt + 700)).toBe(false);
    expect(mayBePartial(EXACTLY, { etag, modifiedAt }, modifiedAt + 800)).toBe(true);
  });
});

describe('HTTP dates (RFC 9110, 5.6.7)', () => {
  test.each([
    ['Sun, 06 Nov 1994 08:49:37 GMT', Date.UTC(1994, 10, 6, 8, 49, 37)],
    ['Sunday, 06-Nov-94 08:49:37 GMT', Date.UTC(1994, 10, 6, 8, 49, 37)],
    ['Friday, 23-Jul-21 12:30:15 GMT', Date.UTC(2021, 6, 23, 12, 30, 15)],
    ['Sun Nov  6 08:49:37 1994', Date.UTC(1994, 10, 6, 8, 49, 37)],
    ['Sun, 06 Nov 1994 08:49:37 HKT', null],
    ['Sun, 31 Feb 1994 08:49:37 GMT', null],
    ['Sun, 06 Nov 1994 25:49:37 GMT', null],
    ['Sun, 06 Nov 1994 08:49 GMT', null],
    ['1994-11-06T08:49:37Z', null],
    ['0', null],
    ['', null],
    [undefined, null],
  ])('%s', (header, at) => {
    expect(httpDate(header)).toBe(at);
  });

  test('every date that a server writes is read back, to the second', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('1970-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
        (date) => {
          expect(httpDate(date.toUTCString())).toBe(Math.floor(date.getTime() / 1000) * 1000);
        },
      ),
    );
  });

  test('no text makes it throw', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(httpDate(text)).toBeNull();
      }),
    );
  });
});
