import { expect, it } from 'vitest';
import type { RegistryChoice } from './choose.js';
import { signInHint } from './sign-in-hint.js';

const URL_ = 'https://wf.example.com';
const hint = (env: Record<string, string>, more: Partial<RegistryChoice> = {}) =>
  signInHint({ env }, { url: URL_, from: 'config.toml', ...more }, { hasVariable: false });

it.each([
  [{}, {}, `sheaf login ${URL_}`],
  [{}, { name: 'corp', account: 'work' }, 'sheaf login corp --account work'],
  [{ SHEAF_ACCOUNT: 'home' }, { name: 'corp', account: 'work' }, 'sheaf login corp --account home'],
  [{}, { name: 'corp', from: 'sheaf.toml' }, `sheaf login ${URL_}`],
  [{ CI: 'true' }, {}, 'set SHEAF_TOKEN from the secrets of this CI'],
  [{ CI: 'true', GITHUB_ACTIONS: 'true' }, {}, 'in the job: env: SHEAF_TOKEN: ${{ secrets.SHEAF_TOKEN }}'],
  [
    { CI: 'true', GITLAB_CI: 'true' },
    {},
    'set SHEAF_TOKEN as a masked variable of the project (Settings, CI/CD, Variables)',
  ],
] as const)('in an environment with %j, %j is told how to sign in', (env, more, first) => {
  expect(hint(env, more)[0]).toBe(first);
});

it('a CI that can publish by its identity is told so, and nobody else', () => {
  expect(hint({ GITHUB_ACTIONS: 'true' })[1]).toContain('id-token: write');
  expect(hint({ CI: '1' })).toHaveLength(1);
  expect(hint({}).join('\n')).not.toMatch(/id-token|admin-token/);
});

it('a token for another registry is not asked for again', () => {
  const [only, ...more] = signInHint({ env: {} }, { url: URL_, from: 'default' }, { hasVariable: true });
  expect([only, more]).toEqual([expect.stringContaining(`SHEAF_REGISTRY=${URL_}`), []]);
});
