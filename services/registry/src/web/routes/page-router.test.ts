import { expect, test } from 'vitest';
import { createPageRouter } from './page-router.js';

const route = (path: string) => ({ method: 'get' as const, path, handler: () => Promise.resolve() });
const router = createPageRouter(
  [route('/'), route('/tags/:tag'), route('/auth/you'), route('/:namespace'), route('/:namespace/:name')],
  ['/v1/workflows', '/auth/login', '/healthz'],
);

test.each([
  ['/', true],
  ['/tags/git', true],
  ['/acme', true],
  ['/acme/deploy', true],
  ['/acme/deploy/nothing', true],
  ['/auth/you', true],
  ['/v1/nothing', false],
  ['/v1', false],
  ['/healthz', false],
  ['/healthz/x', false],
])('whether people look at %s: %s', (path, isForPeople) => {
  expect(router.isForPeople(path)).toBe(isForPeople);
});
