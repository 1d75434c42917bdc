import type { OidcConfig } from '../config/oidc.js';
import type { ProvenIdentity } from '../domain/identity/identity-provider.js';

/** How far the provider's clock may be ahead of ours, or behind, in seconds. */
export const CLOCK_TOLERANCE_S = 30;

const MAX_SUBJECT_BYTES = 255;

/** Claims of a token or of an introspection; the values may be anything. */
export type Claims = Readonly<Record<string, unknown>>;

export type ClaimRules = Pick<OidcConfig, 'issuer' | 'nameClaim' | 'admins' | 'clientId' | 'cliClientId'>;

/**
 * Whether claims say that the token was issued to one of our own clients, for a person. A token of another client is for
 * what its user agreed to there; one of a client for itself (its subject is the client) is no person's.
 */
export function isForPerson(claims: Claims, { clientId, cliClientId }: ClaimRules): boolean {
  // RFC 9068 names `client_id`; the others are what Keycloak, Okta and Entra ID write instead.
  const client = ['client_id', 'azp', 'cid', 'appid']
    .map((name) => claims[name])
    .find((c) => c !== undefined);
  return (client === clientId || client === cliClientId) && claims['sub'] !== client;
}

/** Whether the token may only be used with a key that a plain bearer does not show (RFC 9449, RFC 8705). */
export function isBoundToKey(claims: Claims): boolean {
  return claims['cnf'] !== undefined;
}

/** Who claims speak of; undefined when they lack what that needs. Signature, issuer and audience are checked before. */
export function readIdentity(claims: Claims, rules: ClaimRules, nowMs: number): ProvenIdentity | undefined {
  const subject = claims['sub'];
  const expiresAt = readTime(claims['exp']);
  if (typeof subject !== 'string' || subject === '' || Buffer.byteLength(subject) > MAX_SUBJECT_BYTES)
    return undefined;
  if (subject.includes('\0') || expiresAt === undefined) return undefined;
  const name = claims[rules.nameClaim] ?? claims['username'];
  const authenticatedAt = readTime(claims['auth_time']);
  const isPast =
    authenticatedAt !== undefined && authenticatedAt.getTime() <= nowMs + CLOCK_TOLERANCE_S * 1000;
  return {
    issuer: rules.issuer,
    subject,
    name: typeof name === 'string' ? name.slice(0, 200) : undefined,
    isAdmin: rules.admins !== undefined && holdsAny(claims[rules.admins.claim], rules.admins.values),
    authenticatedAt: isPast ? authenticatedAt : undefined,
    issuedAt: readTime(claims['iat']) ?? new Date(nowMs),
    expiresAt,
  };
}

function holdsAny(claim: unknown, values: readonly string[]): boolean {
  const held: readonly unknown[] = Array.isArray(claim) ? claim : [claim];
  return held.some((value) => typeof value === 'string' && values.includes(value));
}

/** A NumericDate of RFC 7519. */
function readTime(claim: unknown): Date | undefined {
  if (typeof claim !== 'number' || !Number.isFinite(claim) || claim < 0 || claim > 8e12) return undefined;
  return new Date(claim * 1000);
}
