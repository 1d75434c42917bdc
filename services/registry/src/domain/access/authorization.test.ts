import { describe, expect, test } from 'vitest';
import type { Role } from '@sheaf/client/contract';
import { authorize, authorizeRecovery, authorizeSomewhere, type Action } from './authorization.js';
import type { Principal } from './principal.js';
import { mayDelegate } from './scopes.js';

const person = (role?: Role, scopes: readonly string[] = ['*'], isAdmin = false): Principal => ({
  userId: 1,
  user: 'ana',
  isAdmin,
  via: 'token',
  token: { id: 't', name: 't', scopes, createdAt: new Date(0), expiresAt: null },
  roles: new Map(role ? [['acme', role]] : []),
});

const codeOf = (run: () => void): string => {
  try {
    run();
    return 'ok';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

const ROLES = [undefined, 'reader', 'publisher', 'maintainer', 'owner'] as const;
const TABLE: Record<Action, string> = {
  'workflow.publish': '- - y y y',
  'release.deprecate': '- - - y y',
  'release.yank': '- - - y y',
  'release.quarantine': '- - - - -',
  'key.add': '- - - y y',
  'key.revoke': '- - - y y',
  'namespace.policy': '- - - y y',
  'namespace.create': 'y y y y y',
  'namespace.read': '- y y y y',
  'token.manage': 'y y y y y',
  'stage.approve': '- - - y y',
  'channel.move': '- - - y y',
  'member.manage': '- - - - y',
  'member.leave': 'y y y y y',
  'publisher.manage': '- - - - y',
  'webhook.manage': '- - - - y',
  'audit.read': '- - - - y',
  'account.read': 'y y y y y',
  'invitation.answer': 'y y y y y',
  'registry.admin': '- - - - -',
};

describe('authorize', () => {
  for (const [action, row] of Object.entries(TABLE) as [Action, string][]) {
    test(`${action} needs the role that the table says`, () => {
      const got = ROLES.map((role) =>
        codeOf(() => {
          authorize(person(role), action, { namespace: 'acme', workflow: 'deploy' });
        }),
      );
      expect(got).toEqual(row.split(' ').map((c) => (c === 'y' ? 'ok' : 'auth.role_missing')));
    });
  }

  test('refuses a stranger', () => {
    expect(
      codeOf(() => {
        authorize(undefined, 'namespace.create');
      }),
    ).toBe('auth.required');
  });

  test('a role in one namespace is none in another', () => {
    expect(
      codeOf(() => {
        authorize(person('owner'), 'workflow.publish', { namespace: 'other' });
      }),
    ).toBe('auth.role_missing');
  });

  test('an admin needs no role, but a scope', () => {
    expect(
      codeOf(() => {
        authorize(person(undefined, ['*'], true), 'key.add', { namespace: 'acme' });
      }),
    ).toBe('ok');
    expect(
      codeOf(() => {
        authorize(person(undefined, ['publish'], true), 'key.add', { namespace: 'acme' });
      }),
    ).toBe('auth.scope_missing');
  });

  test.each([
    ['publish', 'ok'],
    ['publish:acme', 'ok'],
    ['publish:acme/deploy', 'ok'],
    ['publish:acme/other', 'auth.scope_missing'],
    ['publish:acm', 'auth.scope_missing'],
    ['deprecate', 'auth.scope_missing'],
    ['', 'auth.scope_missing'],
  ])('a token with scope %j gives %s for publishing acme/deploy', (scope, expected) => {
    const run = () => {
      authorize(person('owner', [scope]), 'workflow.publish', { namespace: 'acme', workflow: 'deploy' });
    };
    expect(codeOf(run)).toBe(expected);
  });
});

test.each([
  [undefined, ['*'], 'auth.role_missing'],
  ['reader', ['*'], 'auth.role_missing'],
  ['publisher', ['*'], 'ok'],
  ['publisher', ['publish:acme/deploy'], 'ok'],
  ['publisher', ['publisher'], 'auth.scope_missing'],
  ['owner', [], 'auth.scope_missing'],
] as const)('at the door a person with role %s and scopes %j is told %s', (role, scopes, expected) => {
  const run = () => {
    authorizeSomewhere(person(role, scopes), 'workflow.publish');
  };
  expect(codeOf(run)).toBe(expected);
});

test('only an admin puts a version in quarantine', () => {
  const run = (isAdmin: boolean) => {
    authorize(person(undefined, ['quarantine'], isAdmin), 'release.quarantine', { namespace: 'acme' });
  };
  expect(
    codeOf(() => {
      run(true);
    }),
  ).toBe('ok');
  expect(
    codeOf(() => {
      run(false);
    }),
  ).toBe('auth.role_missing');
});

test.each([
  ['owner', ['recovery'], 3_600_000, 'ok'],
  ['owner', ['recovery:acme'], 0, 'ok'],
  ['owner', ['recovery'], 3_600_001, 'key.recovery_refused'],
  ['owner', ['*'], 0, 'key.recovery_refused'],
  ['owner', ['key'], 0, 'key.recovery_refused'],
  ['owner', ['recovery:other'], 0, 'key.recovery_refused'],
  ['maintainer', ['recovery'], 0, 'auth.role_missing'],
  [undefined, ['recovery'], 0, 'auth.role_missing'],
] as const)('a %s with scopes %j in a token of %i ms recovers: %s', (role, scopes, ageMs, expected) => {
  for (const isAdmin of [false, true]) {
    const run = () => {
      authorizeRecovery(person(role, scopes, isAdmin), 'acme', ageMs);
    };
    expect(codeOf(run)).toBe(expected);
  }
});

test('a token hands out only what it covers itself', () => {
  expect(mayDelegate(['*'], 'publish')).toBe(true);
  expect(mayDelegate(['publish'], 'publish:acme/x')).toBe(true);
  expect(mayDelegate(['publish:acme'], 'publish:acme/x')).toBe(true);
  expect(mayDelegate(['publish:acme'], 'publish')).toBe(false);
  expect(mayDelegate(['publish:acme/x'], 'publish:acme')).toBe(false);
  expect(mayDelegate(['publish'], '*')).toBe(false);
  expect(mayDelegate(['*'], 'recovery')).toBe(true);
  expect(mayDelegate(['token', 'recovery'], 'recovery')).toBe(false);
  expect(mayDelegate(['token', 'recovery'], 'recovery:acme')).toBe(false);
});
