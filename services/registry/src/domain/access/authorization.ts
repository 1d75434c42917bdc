import type { Role } from '@sheaf/client/contract';
import { RegistryError } from '../error.js';
import { ruleOf, type Action, type FreshAction, type Rule, type TrustedAction } from './actions.js';
import { findStaleness } from './freshness.js';
import type { Person, Principal } from './principal.js';
import { scopeCovers, type Resource } from './scopes.js';

export type { Action } from './actions.js';
export type { Resource } from './scopes.js';

/*
 * The one place that decides who may do what, by the table in `actions.ts`.
 *
 * Two locks must open. The **token** must cover the action: a scope is `*`, a verb such as `publish`, or a verb
 * bound to a namespace or a workflow, `publish:acme` or `publish:acme/deploy`. And the **person** must have the
 * role: of the namespace, or admin of the registry. A trusted publisher is no person: it may do what the table says
 * it may, in the namespace and for the workflow that it is bound to.
 */
const RANK: Readonly<Record<Role, number>> = { reader: 0, publisher: 1, maintainer: 2, owner: 3 };

/**
 * Returns when `principal` may do `action` on `resource`.
 *
 * @throws RegistryError `auth.required`, `auth.scope_missing`, `auth.role_missing`
 */
export function authorize(
  principal: Principal | undefined,
  action: Exclude<Action, TrustedAction>,
  resource?: Resource,
): asserts principal is Person;
export function authorize(
  principal: Principal | undefined,
  action: Action,
  resource?: Resource,
): asserts principal is Principal;
export function authorize(
  principal: Principal | undefined,
  action: Action,
  resource: Resource = {},
): asserts principal is Principal {
  assertSignedIn(principal);
  const rule = ruleOf(action);
  if (!principal.token.scopes.some((scope) => scopeCovers(scope, rule.scope, resource))) {
    throw new RegistryError(
      'auth.scope_missing',
      `the token does not cover ${describe(rule.scope, resource)}`,
    );
  }
  if (principal.via === 'trusted') {
    assertTrusted(principal, rule, resource);
    return;
  }
  assertAdmin(principal, rule);
  if (rule.role === undefined || principal.isAdmin) return;
  assertRole(principal, rule.role, resource);
}

/**
 * Returns when `principal` may do what only an owner may who has shown within the last hour who they are; to be an
 * admin of the registry does not stand in for it.
 *
 * @throws RegistryError `auth.required`, `auth.role_missing`, `auth.not_fresh`
 */
export function authorizeFresh(
  principal: Principal | undefined,
  action: FreshAction,
  resource: Required<Pick<Resource, 'namespace'>>,
  nowMs: number,
): asserts principal is Person {
  assertSignedIn(principal);
  assertRole(principal, ruleOf(action).role ?? 'owner', resource);
  const staleness = findStaleness(principal, resource.namespace, nowMs);
  if (staleness !== undefined) throw new RegistryError('auth.not_fresh', staleness);
}

/**
 * Returns when `principal` may stand in for the keys of a namespace: {@link authorizeFresh}, told in terms of keys.
 *
 * @throws RegistryError `auth.required`, `auth.role_missing`, `key.recovery_refused`
 */
export function authorizeRecovery(
  principal: Principal | undefined,
  namespace: string,
  nowMs: number,
): asserts principal is Person {
  assertSignedIn(principal);
  assertRole(principal, ruleOf('namespace.recover').role ?? 'owner', { namespace });
  const staleness = findStaleness(principal, namespace, nowMs);
  if (staleness !== undefined) throw new RegistryError('key.recovery_refused', staleness);
}

/** Whether {@link authorizeRecovery} would let somebody pass. */
export function mayRecover(principal: Principal, namespace: string, nowMs: number): principal is Person {
  return (
    principal.roles.get(namespace) === 'owner' && findStaleness(principal, namespace, nowMs) === undefined
  );
}

/**
 * Returns when there could be a resource on which `principal` may do `action`: for a look at the door, before the
 * request has said which one it is for.
 *
 * @throws RegistryError as {@link authorize}
 */
export function authorizeSomewhere(
  principal: Principal | undefined,
  action: Action,
): asserts principal is Principal {
  assertSignedIn(principal);
  const rule = ruleOf(action);
  const { scope, role } = rule;
  if (!principal.token.scopes.some((held) => held === '*' || held.split(':', 1)[0] === scope)) {
    throw new RegistryError('auth.scope_missing', `the token does not cover ${scope}`);
  }
  if (principal.via === 'trusted') {
    const { namespace, workflow } = principal.trusted ?? {};
    assertTrusted(principal, rule, {
      ...(namespace !== undefined && { namespace }),
      ...(workflow !== undefined && { workflow }),
    });
    return;
  }
  assertAdmin(principal, rule);
  if (role === undefined || principal.isAdmin) return;
  if (![...principal.roles.values()].some((held) => RANK[held] >= RANK[role])) {
    throw new RegistryError('auth.role_missing', `${principal.user} is ${role} in no namespace`);
  }
}

/** Whether the first role may everything that the second may. */
export function isAtLeast(role: Role, least: Role): boolean {
  return RANK[role] >= RANK[least];
}

function assertSignedIn(principal: Principal | undefined): asserts principal is Principal {
  if (!principal) throw new RegistryError('auth.required', 'this needs an access token');
}

function assertTrusted({ trusted }: Principal, rule: Rule, { namespace, workflow }: Resource): void {
  const isBound =
    trusted !== undefined &&
    trusted.namespace === namespace &&
    (trusted.workflow === undefined || workflow === undefined || trusted.workflow === workflow);
  if (rule.isForTrusted === true && isBound) return;
  throw new RegistryError('auth.role_missing', 'a trusted publisher publishes what it is bound to, no more');
}

function assertAdmin(principal: Principal, rule: Rule): void {
  if (rule.isAdminOnly === undefined || principal.isAdmin) return;
  throw new RegistryError(
    'auth.role_missing',
    `${principal.user} is no admin of the registry; this needs one`,
  );
}

function assertRole(principal: Principal, least: Role, resource: Resource): void {
  const role = resource.namespace === undefined ? undefined : principal.roles.get(resource.namespace);
  if (role === undefined || !isAtLeast(role, least)) {
    throw new RegistryError(
      'auth.role_missing',
      `${principal.user} is ${role ?? 'not a member'} in ${resource.namespace ?? 'the namespace'}; this needs ${least}`,
    );
  }
}

function describe(verb: string, { namespace, workflow }: Resource): string {
  if (namespace === undefined) return verb;
  return `${verb} in ${namespace}${workflow === undefined ? '' : `/${workflow}`}`;
}
