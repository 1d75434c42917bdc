import { expect, test } from 'vitest';
import { willPack } from './compress.js';
import type { RequestState } from './context.js';

const JSON_TYPE = 'application/json; charset=utf-8';

function asked(headers: Record<string, string>, state: Partial<RequestState> = {}) {
  return { get: (name: string) => headers[name] ?? '', state: { requestId: 'r', ...state } };
}
const GZIP = { 'Accept-Encoding': 'gzip' };
const principal = { principal: {} } as Partial<RequestState>;

test.each([
  ['JSON of whoever asks for gzip', asked(GZIP), 5000, JSON_TYPE, true],
  ['Atom', asked(GZIP), 5000, 'application/atom+xml; charset=utf-8', true],
  ['metrics', asked(GZIP), 5000, 'text/plain; version=0.0.4', true],
  [
    'what somebody with a token asks for',
    asked({ ...GZIP, Authorization: 'x' }, principal),
    5000,
    JSON_TYPE,
    true,
  ],
  ['what nobody asked to be packed', asked({}), 5000, JSON_TYPE, false],
  ['what is small', asked(GZIP), 1023, JSON_TYPE, false],
  ['a bundle', asked(GZIP), 5000, 'application/vnd.sheaf.bundle.v1.tar+gzip', false],
  ['a part', asked({ ...GZIP, Range: 'bytes=0-9' }), 5000, JSON_TYPE, false],
  ['what the session of a browser asks for', asked(GZIP, principal), 5000, JSON_TYPE, false],
])('%s', (_what, ctx, sizeBytes, type, packs) => {
  expect(willPack(ctx, { sizeBytes, type })).toBe(packs);
});
