import { expect, test } from 'vitest';
import { prefersGzip } from '../../src/http/content-coding.ts';

test.each([
  ['gzip', true],
  ['x-gzip', true],
  ['GZip', true],
  ['deflate, gzip, br, zstd', true], // curl --compressed
  ['gzip;q=0.5, identity;q=0.5', true],
  ['br;q=1.0 , gzip ; q=0.8 , *;q=0.1', true],
  ['*', true],
  ['identity;q=0, *', true],
  ['identity;q=0, gzip;q=0.001', true],
  [undefined, false],
  ['', false],
  ['identity', false],
  ['deflate, br', false],
  ['gzip;q=0', false],
  ['gzip;q=0.000', false],
  ['*;q=0', false],
  ['*, gzip;q=0', false], // named, so the star does not stand for it
  ['gzip;q=0.5, identity', false],
  ['gzip;q=0.5, identity;q=0.8', false],
  ['gzip;q=2', false], // no weight, so no coding
  ['gzip2', false],
  ['"gzip"', false],
])('Accept-Encoding: %s', (header, expected) => {
  expect(prefersGzip(header)).toBe(expected);
});
