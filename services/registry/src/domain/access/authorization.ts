import { RegistryError } from '../error.js';
import type { Role } from '../../db/schema.js';
import type { Principal } from './principal.js';

/**
 * The one place that decides who may do what.
 *
 * Two locks must open. The **token** must cover the action: a scope is `*`, a verb such as `publish`, or a verb
 * bound to a namespace or a workflow, `publish:acme` or `publish:acme/deploy`. And the **person** must have the
 * role: of the namespace, or admin of the registry.
 */
export type Action =
  | 'workflow.publish'
  | 'release.deprecate'
  | 'release.yank'
  | 'release.quarantine'
  | 'key.add'
  | 'key.revoke'
  | 'namespace.policy'
  | 'namespace.create'
  | 'namespace.read'
  | 'token.manage';

interface Rule {
  readonly scope: string;
  /** Least role in the namespace; undefined for what any signed-in person may do. */
  readonly role?: Role;
  /** For admins of the registry only. */
  readonly isAdminOnly?: true;
}

/**
 * The scope that stands in for a namespace's keys: only a token that says it in so many words, and only for an hour.
 *
 * What it is worth: a token with `*` makes one, whatever its age, because until people sign in with a password or at an
 * identity provider such a token is the strongest proof of who somebody is. So it keeps tokens for other work (`publish`,
 * `key`, `token`…) from taking a namespace over, and it makes a recovery a deliberate step. It is no protection against
 * somebody who holds an owner's token with `*`: against that stand the `recovery` flag in the log, which readers do not
 * accept by themselves, and the limit of recoveries a day.
 */
const RECOVERY = 'recovery';
const RECOVERY_MAX_AGE_MS = 3_600_000;

const RULES: Readonly<Record<Action, Rule>> = {
  'workflow.publish': { scope: 'publish', role: 'publisher' },
  'release.deprecate': { scope: 'deprecate', role: 'maintainer' },
  'release.yank': { scope: 'yank', role: 'maintainer' },
  'release.quarantine': { scope: 'quarantine', isAdminOnly: true },
  'key.add': { scope: 'key', role: 'maintainer' },
  'key.revoke': { scope: 'key', role: 'maintainer' },
  'namespace.policy': { scope: 'key', role: 'maintainer' },
  'namespace.create': { scope: 'namespace' },
  'namespace.read': { scope: 'read', role: 'reader' },
  'token.manage': { scope: 'token' },
};

/** Every scope verb, for whoever creates a token. */
export const SCOPE_VERBS: readonly string[] = [
  ...new Set([...Object.values(RULES).map((r) => r.scope), RECOVERY]),
];

const RANK: Readonly<Record<Role, number>> = { reader: 0, publisher: 1, maintainer: 2, owner: 3 };

export interface Resource {
  readonly namespace?: string;
  readonly workflow?: string;
}

/**
 * Returns when `principal` may do `action` on `resource`.
 *
 * @throws RegistryError `auth.required`, `auth.scope_missing`, `auth.role_missing`
 */
export function authorize(
  principal: Principal | undefined,
  action: Action,
  resource: Resource = {},
): asserts principal is Principal {
  if (!principal) throw new RegistryError('auth.required', 'this needs an access token');
  const rule = RULES[action];
  if (!principal.token.scopes.some((scope) => scopeCovers(scope, rule.scope, resource))) {
    throw new RegistryError(
      'auth.scope_missing',
      `the token does not cover ${describe(rule.scope, resource)}`,
    );
  }
  assertAdmin(principal, rule);
  if (rule.role === undefined || principal.isAdmin) return;
  assertRole(principal, rule.role, resource);
}

/**
 * Returns when `principal` may stand in for the keys of a namespace: an owner of it, admin of the registry or not, with
 * a token that was made for this within the last hour.
 *
 * @throws RegistryError `auth.required`, `auth.role_missing`, `key.recovery_refused`
 */
export function authorizeRecovery(
  principal: Principal | undefined,
  namespace: string,
  nowMs: number,
): asserts principal is Principal {
  if (!principal) throw new RegistryError('auth.required', 'this needs an access token');
  assertRole(principal, 'owner', { namespace });
  const { scopes, createdAt } = principal.token;
  if (!scopes.includes(RECOVERY) && !scopes.includes(`${RECOVERY}:${namespace}`)) {
    throw new RegistryError('key.recovery_refused', `the token does not name the scope ${RECOVERY}`);
  }
  if (nowMs - createdAt.getTime() > RECOVERY_MAX_AGE_MS) {
    throw new RegistryError('key.recovery_refused', 'the token is more than one hour old');
  }
}

/** Whether {@link authorizeRecovery} would let somebody pass. */
export function mayRecover(principal: Principal, namespace: string, nowMs: number): boolean {
  const { scopes, createdAt } = principal.token;
  return (
    principal.roles.get(namespace) === 'owner' &&
    (scopes.includes(RECOVERY) || scopes.includes(`${RECOVERY}:${namespace}`)) &&
    nowMs - createdAt.getTime() <= RECOVERY_MAX_AGE_MS
  );
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
  if (role === undefined || RANK[role] < RANK[least]) {
    throw new RegistryError(
      'auth.role_missing',
      `${principal.user} is ${role ?? 'not a member'} in ${resource.namespace ?? 'the namespace'}; this needs ${least}`,
    );
  }
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
  if (!principal) throw new RegistryError('auth.required', 'this needs an access token');
  const rule = RULES[action];
  const { scope, role } = rule;
  if (!principal.token.scopes.some((held) => held === '*' || held.split(':', 1)[0] === scope)) {
    throw new RegistryError('auth.scope_missing', `the token does not cover ${scope}`);
  }
  assertAdmin(principal, rule);
  if (role === undefined || principal.isAdmin) return;
  if (![...principal.roles.values()].some((held) => RANK[held] >= RANK[role])) {
    throw new RegistryError('auth.role_missing', `${principal.user} is ${role} in no namespace`);
  }
}

/** Whether a token with `held` scopes may hand out `wanted`: a token never creates a stronger one. */
export function mayDelegate(held: readonly string[], wanted: string): boolean {
  if (held.includes('*')) return true;
  const [verb = '', target = ''] = wanted.split(':', 2);
  // A token for recoveries that made its own successors would be fresh for ever; see RECOVERY for what `*` is worth.
  if (verb === RECOVERY) return false;
  if (held.includes(wanted)) return true;
  return (
    held.includes(verb) || (target.includes('/') && held.includes(`${verb}:${target.split('/', 1)[0] ?? ''}`))
  );
}

/** The namespace that a scope is bound to, also by one of its workflows; undefined for a scope that is bound to none. */
export function namespaceOfScope(scope: string): string | undefined {
  return scope.split(':', 2)[1]?.split('/', 1)[0];
}

/** Whether a scope covers anything in the namespace: whoever may do something there may also read what is there. */
export function scopeReaches(scope: string, namespace: string): boolean {
  if (scope === '*') return true;
  const verb = scope.split(':', 1)[0];
  if (
    verb !== RECOVERY &&
    !Object.values(RULES).some((rule) => rule.scope === verb && rule.role !== undefined)
  )
    return false;
  const bound = namespaceOfScope(scope);
  return bound === undefined || bound === namespace;
}

function scopeCovers(scope: string, verb: string, { namespace, workflow }: Resource): boolean {
  if (scope === '*' || scope === verb) return true;
  if (namespace === undefined) return false;
  return (
    scope === `${verb}:${namespace}` ||
    (workflow !== undefined && scope === `${verb}:${namespace}/${workflow}`)
  );
}

function describe(verb: string, { namespace, workflow }: Resource): string {
  if (namespace === undefined) return verb;
  return `${verb} in ${namespace}${workflow === undefined ? '' : `/${workflow}`}`;
}
