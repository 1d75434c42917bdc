import { RegistryError } from '../error.js';
import type { TokenPolicy } from '../identity/sign-in.js';
import type { Principal } from './principal.js';

const DAY_MS = 24 * 60 * 60 * 1000;

export interface LifetimeRequest {
  readonly expiresInDays?: number | undefined;
  readonly neverExpires?: true | undefined;
}

/**
 * When a new token expires; null for one that never does. A token that a token makes expires no later than that one. Who may
 * have tokens without an end may also have some that live longer than others may.
 *
 * @throws RegistryError `token.lifetime_refused`, `request.invalid`
 */
export function expiryOf(
  policy: TokenPolicy,
  principal: Principal,
  { expiresInDays, neverExpires }: LifetimeRequest,
  nowMs: number,
): Date | null {
  if (neverExpires === true && expiresInDays !== undefined)
    throw new RegistryError('request.invalid', 'expiresInDays and neverExpires exclude each other');
  const isUnlimited = mayBeUnlimited(policy, principal.isAdmin);
  if (neverExpires === true && !isUnlimited)
    throw new RegistryError(
      'token.lifetime_refused',
      `this registry lets ${policy.unlimited === 'admins' ? 'only its admins' : 'nobody'} have tokens that never expire; the longest is ${policy.maxDays} days`,
    );
  const days = expiresInDays ?? policy.defaultDays;
  if (days > policy.maxDays && !isUnlimited)
    throw new RegistryError('token.lifetime_refused', `tokens live ${policy.maxDays} days at most here`);
  const asked = neverExpires === true ? null : new Date(nowMs + days * DAY_MS);
  // The token of a sign-in lives for minutes; what the person makes by it is theirs.
  return earlier(asked, principal.via === 'oidc' ? null : principal.token.expiresAt);
}

/** Whether an administrator, or somebody else, may have tokens without an end. */
export function mayBeUnlimited({ unlimited }: TokenPolicy, isAdmin: boolean): boolean {
  return unlimited === 'everybody' || (unlimited === 'admins' && isAdmin);
}

function earlier(a: Date | null, b: Date | null): Date | null {
  if (!a || !b) return a ?? b;
  return a < b ? a : b;
}
