import { RegistryError } from '../domain/error.js';
import type { Gate } from '../domain/gate.js';
import type { ProvenIdentity } from '../domain/identity/identity-provider.js';
import { isBoundToKey, isForPerson, readIdentity, type ClaimRules, type Claims } from './claims.js';
import type { TokenCache } from './token-cache.js';

/** How long an answer of the provider counts: a token that is revoked there works for so long. */
const KEEP_MS = 30_000;
const KEEP_REFUSED_MS = 5_000;

export interface IntrospectionDeps {
  readonly rules: ClaimRules & { readonly audience: string };
  /** Asks the provider (RFC 7662). @throws RegistryError `auth.provider_down` */
  readonly introspect: (token: string) => Promise<Claims>;
  /** Bounds how many questions are asked at once, whatever is sent to us. */
  readonly gate: Gate;
  readonly cache: TokenCache<ProvenIdentity | 'refused'>;
  readonly now: () => number;
  readonly elapsedMs: () => number;
}

/** Whether text could be an opaque access token, so that the provider is not asked about everything (RFC 6750 §2.1). */
export function isOpaque(token: string): boolean {
  return /^[A-Za-z0-9._~+/-]{16,2048}=*$/.test(token);
}

/**
 * Whose opaque access token this is.
 *
 * @throws RegistryError `auth.token_invalid`, `auth.provider_down`, `service.busy`
 */
export async function introspectToken(deps: IntrospectionDeps, token: string): Promise<ProvenIdentity> {
  const { cache, gate, elapsedMs } = deps;
  const known = cache.find(token, elapsedMs()) ?? (await gate.run(1, () => ask(deps, token)));
  if (known === 'refused') throw new RegistryError('auth.token_invalid', 'the access token is not valid');
  return known;
}

async function ask(deps: IntrospectionDeps, token: string): Promise<ProvenIdentity | 'refused'> {
  const { cache, introspect, now, elapsedMs } = deps;
  const identity = judge(deps, await introspect(token));
  if (identity === undefined) cache.keep(token, 'refused', elapsedMs() + KEEP_REFUSED_MS);
  else cache.keep(token, identity, elapsedMs() + Math.min(KEEP_MS, identity.expiresAt.getTime() - now()));
  return identity ?? 'refused';
}

function judge({ rules, now }: IntrospectionDeps, claims: Claims): ProvenIdentity | undefined {
  const audience: unknown = claims['aud'];
  const isOurs =
    claims['active'] === true &&
    // A refresh token is active as well, but has no type.
    String(claims['token_type']).toLowerCase() === 'bearer' &&
    (claims['iss'] === undefined || claims['iss'] === rules.issuer) &&
    // A token of our own client without an audience is for whoever asks about it.
    (audience === undefined || [audience].flat().includes(rules.audience)) &&
    isForPerson(claims, rules) &&
    !isBoundToKey(claims);
  const identity = isOurs ? readIdentity(claims, rules, now()) : undefined;
  return identity !== undefined && identity.expiresAt.getTime() > now() ? identity : undefined;
}
