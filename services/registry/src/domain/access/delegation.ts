import { RegistryError } from '../error.js';
import { RECOVERY, SCOPE_VERBS } from './actions.js';
import { findStaleness } from './freshness.js';
import type { Principal } from './principal.js';
import { mayDelegate, namespaceOfScope } from './scopes.js';

const SCOPE = /^(\*|[a-z]+(:[a-z0-9-]{1,64}(\/[a-z0-9-]{1,64})?)?)$/;

/**
 * Returns when `principal` may make a token of this scope: never more than its own token covers. One for recoveries
 * takes a sign-in of the last hour from whoever can sign in.
 *
 * @throws RegistryError `request.invalid`, `auth.scope_missing`, `auth.not_fresh`
 */
export function assertMayDelegate(principal: Principal, scope: string, nowMs: number): void {
  const verb = scope.split(':', 1)[0] ?? '';
  if (!SCOPE.test(scope) || (scope !== '*' && !SCOPE_VERBS.includes(verb))) {
    throw new RegistryError(
      'request.invalid',
      `scope ${JSON.stringify(scope)} is unknown; use *, or one of ${SCOPE_VERBS.join(', ')}, each with :namespace or :namespace/name`,
    );
  }
  if (!mayDelegate(principal.token.scopes, scope))
    throw new RegistryError('auth.scope_missing', `the token does not cover ${scope} and cannot hand it out`);
  if (verb !== RECOVERY || principal.hasIdentity !== true) return;
  const staleness =
    principal.via === 'oidc'
      ? findStaleness(principal, namespaceOfScope(scope) ?? '', nowMs)
      : 'a token for recoveries is made after signing in, not by another token';
  if (staleness !== undefined) throw new RegistryError('auth.not_fresh', staleness);
}
