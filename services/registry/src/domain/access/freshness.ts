import { RECOVERY } from './actions.js';
import type { Principal } from './principal.js';

/** How long a sign-in counts as one of just now. */
export const FRESH_MS = 3_600_000;

/**
 * Why somebody has not just shown who they are; undefined when they have.
 *
 * Somebody who signed in at the identity provider has, for an hour from `auth_time`. A personal access token has when it
 * names the scope `recovery` in so many words and is at most one hour old; who has an identity at the provider gets such
 * a token only after a fresh sign-in, see `assertMayDelegate`. For others, in an installation without a provider, a
 * token with `*` makes one, because it is the strongest proof there of who somebody is. So it keeps tokens for other
 * work (`publish`, `key`, `token`…) from taking a namespace over, and makes a recovery a deliberate step. There it is
 * no protection against somebody who holds an owner's token with `*`: against that stand the `recovery` flag in the
 * log, which readers do not accept by themselves, and the limit of recoveries a day.
 */
export function findStaleness(principal: Principal, namespace: string, nowMs: number): string | undefined {
  if (principal.via === 'oidc') {
    if (principal.authenticatedAt === undefined)
      return 'the identity provider does not say when you signed in';
    return isWithinHour(principal.authenticatedAt, nowMs)
      ? undefined
      : 'the sign-in is more than one hour old';
  }
  const { scopes, createdAt } = principal.token;
  if (!scopes.includes(RECOVERY) && !scopes.includes(`${RECOVERY}:${namespace}`))
    return `the token does not name the scope ${RECOVERY}`;
  return isWithinHour(createdAt, nowMs) ? undefined : 'the token is more than one hour old';
}

function isWithinHour(at: Date, nowMs: number): boolean {
  return nowMs - at.getTime() <= FRESH_MS;
}
