import type { OidcConfig } from '../config/oidc.js';
import { RegistryError } from '../domain/error.js';
import type { LoginSecrets, ProvenIdentity, StartedLogin } from '../domain/identity/identity-provider.js';
import { readIdentity } from './claims.js';
import type { Discovered } from './discovered.js';

/** Longest that a fresh sign-in may take until it is ours. */
const FRESH_SECONDS = 600;

/** What a browser asks for: who somebody is, and no token that outlives the sign-in. */
const SCOPES = new Set(['openid', 'profile', 'email', 'groups']);

/** Begins the authorization code flow with PKCE, state and nonce (RFC 9700 §2.1). */
export async function startBrowserLogin(
  { oidc, client }: Discovered,
  { scopes }: OidcConfig,
  { redirectUri, isFresh }: { readonly redirectUri: string; readonly isFresh: boolean },
): Promise<StartedLogin> {
  const secrets: LoginSecrets = {
    state: oidc.randomState(),
    nonce: oidc.randomNonce(),
    verifier: oidc.randomPKCECodeVerifier(),
    isFresh,
  };
  const url = oidc.buildAuthorizationUrl(client, {
    redirect_uri: redirectUri,
    scope: scopes.filter((scope) => SCOPES.has(scope)).join(' '),
    state: secrets.state,
    nonce: secrets.nonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(secrets.verifier),
    code_challenge_method: 'S256',
    // With `max_age` the provider must say when it was (OpenID Connect Core §3.1.2.1).
    ...(isFresh && { prompt: 'login', max_age: String(FRESH_SECONDS) }),
  });
  return { url: url.href, secrets };
}

/** @throws RegistryError `auth.sign_in_failed`, `auth.provider_down` */
export async function finishBrowserLogin(
  { oidc, client }: Discovered,
  { rules, now }: { readonly rules: OidcConfig; readonly now: () => number },
  callback: URL,
  { state, nonce, verifier, isFresh }: LoginSecrets,
): Promise<ProvenIdentity> {
  const claims = await oidc
    .authorizationCodeGrant(client, callback, {
      pkceCodeVerifier: verifier,
      expectedState: state,
      expectedNonce: nonce,
      idTokenExpected: true,
      ...(isFresh && { maxAge: FRESH_SECONDS }),
    })
    .then((tokens) => tokens.claims())
    .catch((cause: unknown) => {
      throw isOutage(cause)
        ? new RegistryError('auth.provider_down', 'the identity provider does not answer as it should', {
            cause,
          })
        : new RegistryError('auth.sign_in_failed', 'the identity provider did not sign you in', { cause });
    });
  const identity = claims && readIdentity(claims, rules, now());
  if (!identity)
    throw new RegistryError('auth.sign_in_failed', 'the identity provider does not say who you are');
  return identity;
}

/** What `fetch` throws when there is no answer. */
function isOutage(error: unknown): boolean {
  const { cause } = error as { cause?: unknown };
  return [error, cause].some(
    (e) => e instanceof TypeError || (e instanceof DOMException && e.name === 'TimeoutError'),
  );
}
