import { createHash } from 'node:crypto';
import { decodeJwt, errors, jwtVerify, type JWTPayload } from 'jose';
import { RegistryError } from '../domain/error.js';
import { readClaims } from '../domain/trusted/claims.js';
import type { IdentityToken, TrustedIssuers } from '../domain/trusted/identity-token.js';
import type { TrustedIssuer } from '../domain/trusted/kinds.js';
import { ALGORITHMS, type KeyFinder } from '../sign-in/jwt.js';
import type { RefreshedDeps } from '../sign-in/refreshed.js';
import { createIssuerKeys } from './issuer-keys.js';

/** How far the clocks of an issuer and of the registry may differ. */
const SKEW_S = 60;
/** Longest life of an identity token: so long its use is remembered. */
const MAX_LIFE_S = 24 * 3600;

/** Identity tokens of the issuers that the operator allows, checked by the keys that each publishes. */
export function createTrustedIssuers(deps: RefreshedDeps, list: readonly TrustedIssuer[]): TrustedIssuers {
  const known = new Map(
    list.map((issuer) => [issuer.issuer, { issuer, keys: createIssuerKeys(deps, issuer.issuer) }]),
  );
  return {
    list,
    verify: async (token) => {
      const found = known.get(claimedIssuer(token));
      if (found === undefined)
        throw new RegistryError(
          'oidc.issuer_unknown',
          'the identity token is of an issuer that does not count here',
        );
      return verifyToken(found.issuer, found.keys, token, deps.now());
    },
  };
}

function claimedIssuer(token: string): string {
  try {
    return decodeJwt(token).iss ?? '';
  } catch (cause) {
    throw invalid('the identity token is no JWT', cause);
  }
}

async function verifyToken(
  issuer: TrustedIssuer,
  keys: KeyFinder,
  token: string,
  nowMs: number,
): Promise<IdentityToken> {
  const payload = await checkSigned(issuer, keys, token, nowMs);
  const { exp = 0, iat = 0, jti, aud } = payload;
  if (aud !== issuer.audience && !(Array.isArray(aud) && aud.length === 1))
    throw new RegistryError('oidc.audience', `the identity token is for others than ${issuer.audience}, too`);
  if (iat > nowMs / 1000 + SKEW_S)
    throw new RegistryError('oidc.not_yet_valid', 'the identity token was issued at a time to come');
  if (exp - iat > MAX_LIFE_S) throw invalid('the identity token lives longer than a day');
  if (jti !== undefined && (typeof jti !== 'string' || jti === '' || jti.length > 512))
    throw invalid('the identity token has an id that is no text');
  return {
    issuer,
    claims: readClaims(issuer.kind, payload),
    useId: useIdOf(issuer.issuer, token, jti),
    expiresAt: new Date((exp + SKEW_S) * 1000),
  };
}

/** Without an id it is what was signed: of one text there may be several valid signatures. */
function useIdOf(issuer: string, token: string, jti: string | undefined): Buffer {
  const id =
    jti === undefined ? `token\n${token.slice(0, token.lastIndexOf('.'))}` : `jti\n${issuer}\n${jti}`;
  return createHash('sha256').update(id).digest();
}

async function checkSigned(
  { issuer, audience }: TrustedIssuer,
  keys: KeyFinder,
  token: string,
  nowMs: number,
): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer,
      audience,
      algorithms: [...ALGORITHMS],
      clockTolerance: SKEW_S,
      requiredClaims: ['exp', 'iat'],
      currentDate: new Date(nowMs),
    });
    return payload;
  } catch (error) {
    if (error instanceof errors.JWKSTimeout || !(error instanceof errors.JOSEError))
      throw new RegistryError('oidc.issuer_down', `the keys of ${issuer} cannot be fetched`, {
        retryAfterSeconds: 10,
        cause: error,
      });
    throw refusalOf(error, audience);
  }
}

function refusalOf(error: errors.JOSEError, audience: string): RegistryError {
  if (error instanceof errors.JWTExpired)
    return new RegistryError('oidc.expired', 'the identity token has expired', { cause: error });
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'aud')
      return new RegistryError('oidc.audience', `the identity token is not for ${audience}`, {
        cause: error,
      });
    if (error.claim === 'nbf' && error.reason === 'check_failed')
      return new RegistryError('oidc.not_yet_valid', 'the identity token is not valid yet', { cause: error });
  }
  return invalid(`the identity token cannot be taken: ${error.code.toLowerCase()}`, error);
}

function invalid(message: string, cause?: unknown): RegistryError {
  return new RegistryError('oidc.token_invalid', message, { cause });
}
