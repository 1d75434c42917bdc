import { expect, test } from 'vitest';
import { assertFormToken, formTokenOf } from './form-token.js';

const deps = { origin: 'wf.example.com', signIn: { publicUrl: 'https://wf.example.com' } };
const request = (headers: Record<string, string>) => ({
  method: 'POST',
  get: (name: string) => headers[name] ?? '',
});
const session = (secret: string) => ({ Cookie: `__Host-sheaf-session=${secret}` });
const OWN = { 'Sec-Fetch-Site': 'same-origin' };
const refused = expect.objectContaining({ code: 'auth.cross_site' }) as Error;

test('a form of the same session is taken', () => {
  const token = formTokenOf(deps, request(session('a')));
  expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect(() => {
    assertFormToken(deps, request({ ...session('a'), ...OWN }), token);
  }).not.toThrow();
});

test.each([
  ['without a token', { ...session('a'), ...OWN }, undefined],
  ['with an empty one', { ...session('a'), ...OWN }, ''],
  ['with that of another session', { ...session('b'), ...OWN }, formTokenOf(deps, request(session('a')))],
  ['with the secret itself', { ...session('a'), ...OWN }, 'a'],
  ['without a session', OWN, formTokenOf(deps, request(session('a')))],
  [
    'from another site',
    { ...session('a'), 'Sec-Fetch-Site': 'cross-site' },
    formTokenOf(deps, request(session('a'))),
  ],
  ['from nowhere', session('a'), formTokenOf(deps, request(session('a')))],
])('a form %s is refused', (_what, headers, token) => {
  expect(() => {
    assertFormToken(deps, request(headers), token);
  }).toThrow(refused);
});
