import { describe, expect, test } from 'vitest';
import type { Role } from '@sheaf/client/contract';
import { ACTIONS, ruleOf, type Action, type AnyAction, type FreshAction } from './actions.js';
import { authorize, authorizeFresh } from './authorization.js';
import type { Principal } from './principal.js';
import { mayRead } from './reading.js';

/**
 * Who may do what, said once more and by hand: a change of the rules that is not meant shows here. `y` may; `r` lacks the
 * role; `f` has not signed in just now; `-` is nobody.
 *
 * Columns: nobody, a stranger, reader, publisher, maintainer, owner, an owner who has just signed in, an admin of the
 * registry, a trusted publisher.
 */
const TABLE: Readonly<Record<AnyAction, string>> = {
  'workflow.publish': '- r r y y y y y y',
  'stage.approve': '- r r r y y y y r',
  'release.deprecate': '- r r r y y y y r',
  'release.yank': '- r r r y y y y r',
  'release.quarantine': '- r r r r r r y r',
  'channel.move': '- r r r y y y y r',
  'key.add': '- r r r y y y y r',
  'key.revoke': '- r r r y y y y r',
  'namespace.policy': '- r r r y y y y r',
  'namespace.recover': '- r r r r f y r r',
  'namespace.transfer': '- r r r r f y r r',
  'namespace.create': '- y y y y y y y r',
  'namespace.read': '- r y y y y y y y',
  'member.manage': '- r r r r y y y r',
  'member.leave': '- y y y y y y y r',
  'publisher.manage': '- r r r r y y y r',
  'webhook.manage': '- r r r r y y y r',
  'audit.read': '- r r r r y y y r',
  'account.read': '- y y y y y y y r',
  'invitation.answer': '- y y y y y y y r',
  'token.manage': '- y y y y y y y r',
  'registry.admin': '- r r r r r r y r',
};

const NOW_MS = 1_000_000_000_000;
const HERE = { namespace: 'acme', workflow: 'deploy' };
const FRESH: ReadonlySet<AnyAction> = new Set(['namespace.recover', 'namespace.transfer']);

function person(over: Partial<Principal> = {}): Principal {
  return {
    userId: 1,
    user: 'ana',
    isAdmin: false,
    via: 'token',
    token: { id: 't', name: 't', scopes: ['*'], createdAt: new Date(NOW_MS), expiresAt: null },
    roles: new Map(),
    ...over,
  };
}

const withRole = (role: Role, over: Partial<Principal> = {}) =>
  person({ roles: new Map([['acme', role]]), ...over });
const withScopes = (principal: Principal, scopes: readonly string[]): Principal => ({
  ...principal,
  token: { ...principal.token, scopes },
});

function trusted(workflow?: string): Principal {
  return person({
    userId: null,
    user: 'ci',
    via: 'trusted',
    token: {
      id: 'x',
      name: 'ci',
      scopes: ['publish:acme', 'read:acme'],
      createdAt: new Date(NOW_MS),
      expiresAt: null,
    },
    trusted: {
      issuer: 'https://ci.example',
      kind: 'github',
      namespace: 'acme',
      ...(workflow !== undefined && { workflow }),
      keyId: 'k',
      identity: {},
    },
  });
}

const WHO: readonly (readonly [string, Principal | undefined])[] = [
  ['nobody', undefined],
  ['a stranger', person()],
  ['a reader', withRole('reader')],
  ['a publisher', withRole('publisher')],
  ['a maintainer', withRole('maintainer')],
  ['an owner', withRole('owner')],
  ['an owner who has just signed in', withRole('owner', { via: 'oidc', authenticatedAt: new Date(NOW_MS) })],
  ['an admin', person({ isAdmin: true })],
  ['a trusted publisher', trusted()],
];

const LETTERS: Readonly<Record<string, string>> = {
  'auth.required': '-',
  'auth.role_missing': 'r',
  'auth.scope_missing': 's',
  'auth.not_fresh': 'f',
};

function ask(principal: Principal | undefined, action: AnyAction, resource = HERE): string {
  try {
    if (FRESH.has(action)) authorizeFresh(principal, action as FreshAction, resource, NOW_MS);
    else authorize(principal, action as Action, resource);
    return 'y';
  } catch (error) {
    return LETTERS[(error as { code: string }).code] ?? 'another error';
  }
}

/** A trusted publisher's token covers next to nothing: what stops it is told apart in the tests below. */
const askOpen = (principal: Principal | undefined, action: AnyAction) =>
  ask(principal?.via === 'trusted' ? withScopes(principal, ['*']) : principal, action);

test('the table names every action, and every action that it names there is', () => {
  expect(Object.keys(TABLE).sort()).toEqual([...ACTIONS].sort());
});

for (const [action, row] of Object.entries(TABLE) as [AnyAction, string][]) {
  test(`${action} is for those whom the table names`, () => {
    expect(WHO.map(([, principal]) => askOpen(principal, action)).join(' ')).toBe(row);
  });
}

describe('the scope of a token', () => {
  const steady = ACTIONS.filter((action) => !FRESH.has(action));
  /** Somebody who may do everything here, so that only the token is in question. */
  const mighty = withRole('owner', { isAdmin: true });

  test.each(steady)('for %s is its own, and no other', (action) => {
    const { scope } = ruleOf(action);
    const others = [...new Set(ACTIONS.map((a) => ruleOf(a).scope))].filter((other) => other !== scope);
    expect(ask(withScopes(mighty, [scope]), action)).toBe('y');
    expect(ask(withScopes(mighty, others), action)).toBe('s');
    expect(ask(withScopes(mighty, []), action)).toBe('s');
  });

  test.each(steady)(
    'for %s may be bound to the namespace and the workflow, and holds there alone',
    (action) => {
      const { scope } = ruleOf(action);
      expect(ask(withScopes(mighty, [`${scope}:acme`]), action)).toBe('y');
      expect(ask(withScopes(mighty, [`${scope}:acme/deploy`]), action)).toBe('y');
      for (const other of ['other', 'acm', 'acme/other', 'acme/', 'acme/deploy/x'])
        expect(ask(withScopes(mighty, [`${scope}:${other}`]), action)).toBe('s');
    },
  );

  test('lends nobody a role', () => {
    for (const [action, row] of Object.entries(TABLE) as [AnyAction, string][]) {
      if (FRESH.has(action)) continue;
      const stranger = withScopes(person(), [ruleOf(action).scope]);
      expect(ask(stranger, action)).toBe(row.split(' ')[1]);
    }
  });
});

describe('a trusted publisher', () => {
  test('publishes in its namespace, and what it is bound to', () => {
    const elsewhere = { namespace: 'other', workflow: 'deploy' };
    expect(ask(trusted(), 'workflow.publish')).toBe('y');
    expect(ask(trusted(), 'workflow.publish', elsewhere)).toBe('s');
    expect(ask(withScopes(trusted(), ['*']), 'workflow.publish', elsewhere)).toBe('r');
    expect(ask(withScopes(trusted('other'), ['*']), 'workflow.publish')).toBe('r');
    expect(ask(withScopes(trusted('deploy'), ['*']), 'workflow.publish')).toBe('y');
  });

  test('does nothing else, whatever its token says', () => {
    const allowed = ACTIONS.filter((action) => ask(withScopes(trusted(), ['*']), action) === 'y');
    expect(allowed).toEqual(['workflow.publish', 'namespace.read']);
  });

  test('reads its private namespace and no other', () => {
    const isReadable = (name: string) => mayRead(trusted(), { name, visibility: 'private' });
    expect([isReadable('acme'), isReadable('other')]).toEqual([true, false]);
  });
});

test('a private namespace is there for members, admins and its trusted publishers', () => {
  const seen = WHO.filter(([, who]) => mayRead(who, { name: 'acme', visibility: 'private' }));
  expect(seen.map(([name]) => name)).toEqual([
    'a reader',
    'a publisher',
    'a maintainer',
    'an owner',
    'an owner who has just signed in',
    'an admin',
    'a trusted publisher',
  ]);
});
