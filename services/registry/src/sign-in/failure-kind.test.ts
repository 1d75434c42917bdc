import { expect, test } from 'vitest';
import { kindOfFailure } from './failure-kind.js';

const withCode = (message: string, code: string) => Object.assign(new Error(message), { code });

test.each([
  [
    new TypeError('fetch failed', { cause: withCode('getaddrinfo ENOTFOUND secret', 'ENOTFOUND') }),
    'ENOTFOUND',
  ],
  [withCode('unexpected', 'OAUTH_RESPONSE_IS_NOT_CONFORM'), 'OAUTH_RESPONSE_IS_NOT_CONFORM'],
  [new DOMException('late', 'TimeoutError'), 'no answer in time'],
  [withCode('a code of words', 'not a code: secret'), 'no usable answer'],
  [new Error('secret'), 'no usable answer'],
  ['secret', 'no usable answer'],
])('%s is told as %s', (error, kind) => {
  expect(kindOfFailure(error)).toBe(kind);
});
