import type { MemberReader } from '../../encoding/members.js';
import type { StrictJson } from '../../encoding/strict-json.js';

/** What an identity token said, name by name. Ask {@link claimOf}: names are the issuer's, `constructor` may be one. */
export type Claims = Readonly<Record<string, string>>;

/** Most claims that stand in one member of a leaf. */
export const MAX_CLAIMS = 8;
/** Longest value of a claim, in UTF-16 units. */
export const MAX_CLAIM_LENGTH = 256;

const CLAIM_NAME = /^[a-z][a-z0-9_]{0,63}$/;
// What people read: no control, format (which covers direction and zero width), separator or surrogate character.
// Not made before it is needed: of each of these properties a table is made then.
const claimValue = (): RegExp => /^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+$/u;

/** Whether a claim can stand in a leaf. */
export function isClaim(name: string, value: string): boolean {
  return CLAIM_NAME.test(name) && value.length <= MAX_CLAIM_LENGTH && claimValue().test(value);
}

/** The value of a claim, or undefined when there is none of that name. */
export function claimOf(claims: Claims | undefined, name: string): string | undefined {
  return claims !== undefined && Object.hasOwn(claims, name) ? claims[name] : undefined;
}

/** 1 to 8 claims. */
export function readClaims(members: MemberReader, name: string): Claims {
  const found: StrictJson = members.value(name);
  if (!(found instanceof Map)) members.fail(name, 'is not an object');
  const entries: readonly (readonly [string, StrictJson])[] = [...(found as ReadonlyMap<string, StrictJson>)];
  if (entries.length === 0 || entries.length > MAX_CLAIMS)
    members.fail(name, `does not have 1 to ${MAX_CLAIMS} claims`);
  return Object.fromEntries(
    entries.map(([claim, value]) =>
      typeof value === 'string' && isClaim(claim, value)
        ? [claim, value]
        : members.fail(name, 'has a claim that is not of the right form'),
    ),
  );
}
