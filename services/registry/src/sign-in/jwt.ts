import {
  createLocalJWKSet,
  errors,
  jwtVerify,
  type CryptoKey,
  type JSONWebKeySet,
  type JWTHeaderParameters,
  type JWTPayload,
} from 'jose';
import { RegistryError } from '../domain/error.js';
import type { ProvenIdentity } from '../domain/identity/identity-provider.js';
import { CLOCK_TOLERANCE_S, isBoundToKey, isForPerson, readIdentity, type ClaimRules } from './claims.js';
import type { Refreshed } from './refreshed.js';

/** Asymmetric ones only: with a symmetric one, whoever can check a token could make one. */
export const ALGORITHMS: readonly string[] = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];

const MAX_KEYS = 100;

/** The key that a token's header asks for. @throws JOSEError when there is none */
export type KeyFinder = (...asked: Parameters<ReturnType<typeof createLocalJWKSet>>) => Promise<CryptoKey>;

export interface JwtDeps {
  readonly rules: ClaimRules & { readonly audience: string };
  readonly keys: Pick<Refreshed<KeyFinder>, 'get' | 'renew'>;
  readonly now: () => number;
}

/** Whether a bearer token has the form of a signed JWT. */
export function isJwt(token: string): boolean {
  return /^eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*$/.test(token);
}

/** The public keys of a JWK set. @throws Error when it is none */
export function readKeySet(json: unknown): KeyFinder {
  const keys = (json as JSONWebKeySet | null)?.keys;
  if (!Array.isArray(keys) || keys.length > MAX_KEYS)
    throw new Error(`the identity provider's keys are no set of at most ${MAX_KEYS} keys`);
  return createLocalJWKSet({
    keys: keys.filter(({ kty }) => kty === 'RSA' || kty === 'EC' || kty === 'OKP'),
  });
}

/**
 * Whose JWT access token this is (RFC 9068; `typ` may also be `JWT` or left out, as several providers do).
 *
 * @throws RegistryError `auth.token_invalid`; what getting the keys throws
 */
export async function verifyJwt(deps: JwtDeps, token: string): Promise<ProvenIdentity> {
  const { rules, now } = deps;
  let payload: JWTPayload;
  let header: JWTHeaderParameters;
  try {
    const verified = await jwtVerify(token, keyGetter(deps.keys), {
      issuer: rules.issuer,
      audience: rules.audience,
      algorithms: [...ALGORITHMS],
      clockTolerance: CLOCK_TOLERANCE_S,
      requiredClaims: ['exp', 'iat', 'sub'],
      currentDate: new Date(now()),
    });
    payload = verified.payload;
    header = verified.protectedHeader;
  } catch (error) {
    if (!(error instanceof errors.JOSEError)) throw error;
    throw refused(describe(error), error);
  }
  // An ID token tells a client who signed in; it is no key to anything (RFC 9068 §5).
  const isIdToken = 'nonce' in payload || 'at_hash' in payload;
  if (!/^(?:application\/)?(?:at\+)?jwt$/i.test(header.typ ?? 'JWT') || isIdToken)
    throw refused('the token is no access token');
  if (isBoundToKey(payload)) throw refused('the access token is bound to a key');
  if (!isForPerson(payload, rules)) throw refused('the access token was issued to another client');
  const identity = readIdentity(payload, rules, now());
  if (identity === undefined) throw refused('the access token does not say whose it is');
  return identity;
}

/** A key that is not known may be a new one: the set is fetched anew, but not for every forged token. */
function keyGetter(keys: JwtDeps['keys']): KeyFinder {
  return async (header, token) => {
    try {
      return await (
        await keys.get()
      )(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      return await (
        await keys.renew()
      )(header, token);
    }
  };
}

function describe(error: errors.JOSEError): string {
  if (error instanceof errors.JWTExpired) return 'the access token has expired';
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'aud') return 'the access token is for another service';
    if (error.claim === 'iss') return 'the access token is of another issuer';
  }
  return 'the access token is not valid';
}

function refused(message: string, cause?: unknown): RegistryError {
  return new RegistryError('auth.token_invalid', message, { cause });
}
