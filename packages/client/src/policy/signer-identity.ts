import { canonicalJson, claimOf, sha256Hex, type KeyEphemeralLeaf, type KeyId } from '@sheaf/bundle';
import { matchesGlob } from './glob.js';
import { namesHolder } from './lasting-claims.js';
import type { OidcRule } from './oidc-rule.js';

/** Who an ephemeral key belongs to, by the issuer's word, as the log has it. */
export type SignerIdentity = Pick<KeyEphemeralLeaf, 'issuer' | 'identity' | 'claims'>;

/**
 * What stands for an identity where otherwise the id of a key stands: the hash of its issuer and of what that never gives
 * to another. A job has another key each time, and this stays.
 */
export function identityId({ issuer, identity }: SignerIdentity): KeyId {
  const named = new TextDecoder().decode(canonicalJson({ issuer, identity }));
  return sha256Hex(new TextEncoder().encode(`sheaf-identity/v1\n${named}\n`)) as KeyId;
}

/**
 * Whether an identity is what a rule asks for; a claim that the log does not have meets nothing, and a rule that does not
 * name the holder exactly is met by nobody, unless it is for anybody's jobs.
 */
export function meetsOidc(rule: OidcRule, signer: SignerIdentity): boolean {
  if (rule.issuer !== signer.issuer) return false;
  if (rule.anyJob !== true && !namesHolder(rule, signer.identity)) return false;
  return rule.claims.every(([name, pattern]) => {
    // The identity first: what never changes is not overruled by what is told besides.
    const value = claimOf(signer.identity, name) ?? claimOf(signer.claims, name);
    return value !== undefined && matchesGlob(pattern, value);
  });
}

/** For people: the name that the issuer has for it today, else all that names it. */
export function describeIdentity({ issuer, identity, claims }: SignerIdentity): string {
  const name = claimOf(claims, 'repository') ?? claimOf(claims, 'project_path');
  const ids = Object.entries(identity).map(([claim, value]) => `${claim} ${value}`);
  return `${name === undefined ? '' : `${name}, `}${ids.join(', ')} by ${issuer}`;
}
