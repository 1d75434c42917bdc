import { kind, type ProblemKind } from './kind.js';

/** Who somebody is, and what they may do. */
export const ACCESS_PROBLEMS = {
  'auth.required': kind(
    401,
    'Sign in first',
    'Send an access token: `Authorization: Bearer …`, or run `sheaf login`.',
  ),
  'auth.token_invalid': kind(
    401,
    'The token is not valid',
    'It is unknown, expired or revoked: create a new one.',
  ),
  'auth.scope_missing': kind(
    403,
    'The token does not cover this',
    'Use a token whose scopes name this action.',
  ),
  'auth.role_missing': kind(
    403,
    'You have no right to do this',
    'Ask whoever can give it: an owner of the namespace for a role there, an administrator of the registry for what takes one.',
  ),
  'auth.not_fresh': kind(
    403,
    'This needs a sign-in of the last hour',
    'Sign in again: `sheaf login --fresh`. Where no identity provider is configured, use a token that names the scope `recovery` and is at most one hour old.',
  ),
  'auth.suspended': kind(
    403,
    'The account is suspended',
    'Ask an administrator of the registry why, and to lift it.',
  ),
  'auth.provider_down': kind(
    503,
    'The identity provider does not answer',
    'Try again after `Retry-After`; personal access tokens still work.',
    true,
  ),
  'auth.sign_in_unavailable': kind(
    404,
    'This registry has no sign-in by an identity provider',
    'Use a personal access token: `sheaf login --with-token`.',
  ),
  'auth.sign_in_failed': kind(
    400,
    'The sign-in did not complete',
    'Start again: a sign-in takes at most ten minutes, in one browser.',
  ),
  'auth.cross_site': kind(
    403,
    'The request comes from another site',
    'Send it from a page of this registry, or with an access token.',
  ),
  'token.lifetime_refused': kind(
    403,
    'The token would live too long',
    'Ask for fewer days; the detail says how many this registry allows.',
  ),
  'user.not_found': kind(404, 'There is nobody of this name', 'Check the name: `sheaf whoami` shows it.'),
  'member.not_found': kind(404, 'There is no such member', 'See the members: `sheaf namespace members NS`.'),
  'member.last_owner': kind(
    409,
    'A namespace cannot be without an owner',
    'Make somebody else an owner first, or transfer the namespace.',
  ),
  'member.exists': kind(409, 'They are a member already', 'Change the role of the member instead.'),
  'invitation.not_found': kind(
    404,
    'There is no such invitation',
    'It was answered, taken back, or has expired: ask for another.',
  ),
  'oidc.issuer_unknown': kind(
    401,
    'The registry takes no tokens of this issuer',
    'Ask the operator to name the issuer in `SHEAF_TRUSTED_ISSUERS`; `GET /v1/oidc/issuers` lists those that count.',
  ),
  'oidc.issuer_down': kind(
    503,
    'The keys of the issuer cannot be fetched',
    'Try again after `Retry-After`; if it stays, the issuer is down or the registry cannot reach it.',
    true,
  ),
  'oidc.token_invalid': kind(
    401,
    'The identity token is not valid',
    'Take a fresh token from the issuer, and send it as it is: it is malformed, or not signed by a key of its issuer.',
  ),
  'oidc.audience': kind(
    401,
    'The identity token is for another service',
    'Ask the issuer for a token whose only audience is the one that `GET /v1/oidc/issuers` names.',
  ),
  'oidc.expired': kind(
    401,
    'The identity token has expired',
    'Ask the issuer for a new one just before publishing; check the clock of the registry if it is new.',
  ),
  'oidc.not_yet_valid': kind(
    401,
    'The identity token is of a time to come',
    'Compare the clocks of the issuer and of the registry: they may differ by a minute.',
  ),
  'oidc.replayed': kind(
    401,
    'The identity token was used already',
    'Each token counts once: ask the issuer for another. If you did not use it, somebody else has seen it.',
  ),
  'oidc.proof_invalid': kind(
    403,
    'The key did not sign for this token',
    'Sign the exchange with the key that is sent; docs/API.md has the bytes.',
  ),
  'oidc.key_used': kind(409, 'The key was used before', 'Make a new key for each exchange.'),
  'oidc.no_publisher': kind(
    403,
    'No trusted publisher of this issuer may publish here',
    'Add one: `sheaf namespace publisher add`. The detail says who the token names.',
  ),
  'oidc.identity_mismatch': kind(
    403,
    'The token is of somebody else than the trusted publisher',
    'Compare the ids in the detail with `sheaf namespace publisher list`: they are those of the repository, which a rename does not change.',
  ),
  'oidc.claims_mismatch': kind(
    403,
    'The token is of the right repository, but not as the trusted publisher asks',
    'Publish from the workflow file, environment and branch or tag that the publisher names; the detail says what the token has.',
  ),
  'oidc.key_missing': kind(
    403,
    'The ephemeral key did not sign the statement',
    'Sign with the key that the token was given for; a token alone publishes nothing.',
  ),
  'publisher.refused': kind(
    422,
    'The trusted publisher would not be safe, or says nothing',
    'Name every claim that the detail asks for.',
  ),
  'publisher.too_many': kind(
    409,
    'There are too many trusted publishers',
    'Remove those that are not used: `sheaf namespace publisher list`.',
  ),
} as const satisfies Record<string, ProblemKind>;
