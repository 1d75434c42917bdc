import { expect, test } from 'vitest';
import { prefersGzip } from './compress-negotiate.js';

test.each([
  ['', false],
  ['gzip', true],
  ['GZIP', true],
  ['x-gzip', true],
  ['deflate, gzip;q=1.0, *;q=0.5', true],
  ['gzip;q=0', false],
  ['gzip;q=0.000', false],
  ['*', true],
  ['*;q=0', false],
  ['*, gzip;q=0', false],
  ['identity', false],
  ['identity;q=0, *', true],
  ['identity;q=1, gzip;q=0.5', false],
  ['identity;q=0.5, gzip;q=0.5', true],
  ['br', false],
  ['gzip ; q=0.3', true],
  ['gzip;q=2', false],
  ['gzip;q=x', false],
])('Accept-Encoding %s takes gzip: %s', (header, wanted) => {
  expect([prefersGzip(header), prefersGzip(header)]).toEqual([wanted, wanted]);
});
