import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decide, type Conditions } from './respond-conditions.js';

const ask = (conditions: Partial<Conditions>, sizeBytes = 100) =>
  decide(
    { method: 'GET', ifNoneMatch: undefined, range: undefined, ifRange: undefined, ...conditions },
    '"a"',
    sizeBytes,
  );
const WHOLE = { status: 200, start: 0, end: 99 };

test.each(['"a"', 'W/"a"', '*', '"x", "a"', ' W/"x" ,W/"a"'])('If-None-Match %s is 304', (ifNoneMatch) => {
  expect(ask({ ifNoneMatch })).toEqual({ status: 304 });
});

test.each(['"b"', 'a', '', 'W/a', '"a', '"b", "c"'])('If-None-Match %s is not 304', (ifNoneMatch) => {
  expect(ask({ ifNoneMatch })).toEqual(WHOLE);
});

test.each([
  ['bytes=0-0', { status: 206, start: 0, end: 0 }],
  ['bytes=10-', { status: 206, start: 10, end: 99 }],
  ['bytes=-1', { status: 206, start: 99, end: 99 }],
  ['bytes=-1000', { status: 206, start: 0, end: 99 }],
  ['bytes=99-200', { status: 206, start: 99, end: 99 }],
  ['bytes=100-', { status: 416 }],
  ['bytes=-0', { status: 416 }],
  ['bytes=5-4', WHOLE],
  ['bytes=0-1,3-4', WHOLE],
  ['bytes=-', WHOLE],
  ['lines=0-1', WHOLE],
  [`bytes=${'9'.repeat(16)}-`, WHOLE],
])('Range %s is %o', (range, outcome) => {
  expect(ask({ range })).toEqual(outcome);
});

test('a range counts only for GET, and with If-Range only for a strong tag of the same bytes', () => {
  expect(ask({ range: 'bytes=0-0', method: 'HEAD' })).toEqual(WHOLE);
  expect(ask({ range: 'bytes=0-0', ifRange: '"a"' })).toMatchObject({ status: 206 });
  expect(ask({ range: 'bytes=0-0', ifRange: 'W/"a"' })).toEqual(WHOLE);
  expect(ask({ range: 'bytes=0-0', ifRange: 'Sat, 21 Nov 2026 00:00:00 GMT' })).toEqual(WHOLE);
});

test('whatever is asked for, a part lies within the content', () => {
  const number = fc.oneof(fc.constant(''), fc.nat(300).map(String));
  fc.assert(
    fc.property(number, number, fc.nat(200), (first, last, sizeBytes) => {
      const outcome = ask({ range: `bytes=${first}-${last}` }, sizeBytes);
      if (outcome.status === 206) {
        expect(outcome.start).toBeLessThanOrEqual(outcome.end);
        expect(outcome.start).toBeGreaterThanOrEqual(0);
        expect(outcome.end).toBeLessThan(sizeBytes);
      }
    }),
  );
});
