import type * as Oidc from 'openid-client';
import type { OidcConfig } from '../config/oidc.js';
import { RegistryError } from '../domain/error.js';
import { createGate } from '../domain/gate.js';
import type { IdentityProvider, ProviderStanding } from '../domain/identity/identity-provider.js';
import { finishBrowserLogin, startBrowserLogin } from './browser-login.js';
import { cappedFetch } from './capped-fetch.js';
import type { Discovered } from './discovered.js';
import { introspectToken, isOpaque, type IntrospectionDeps } from './introspection.js';
import { kindOfFailure } from './failure-kind.js';
import { isJwt, readKeySet, verifyJwt, type KeyFinder } from './jwt.js';
import { createRefreshed, type Refreshed } from './refreshed.js';
import { createTokenCache } from './token-cache.js';

const HOUR_MS = 3_600_000;
const FLOOR_MS = 10_000;
/** Keys that the provider takes back are ours for a day at most, while it cannot be reached. */
const KEY_AGES = { freshMs: 10 * 60_000, usableMs: 24 * HOUR_MS, floorMs: FLOOR_MS };
const METADATA_AGES = { freshMs: HOUR_MS, usableMs: 24 * HOUR_MS, floorMs: FLOOR_MS };

export interface ProviderDeps {
  readonly config: OidcConfig;
  readonly now: () => number;
  readonly elapsedMs: () => number;
  /** Told what went wrong with the provider while what is known of it was good enough. */
  readonly report: (error: unknown) => void;
}

/** The library marks it as deprecated to make it stand out; it stays. */
interface PlainHttp {
  readonly allowInsecureRequests: (client: Oidc.Configuration) => void;
}

/** An OpenID provider over the network. Nothing is asked of it before that is needed: it need not be up at a start. */
export function createIdentityProvider(deps: ProviderDeps): IdentityProvider {
  const { config: rules, now, elapsedMs } = deps;
  const discovered = createRefreshed(deps, METADATA_AGES, () => discover(rules));
  const keys = createRefreshed(deps, KEY_AGES, () => fetchKeys(discovered));
  const introspection: IntrospectionDeps = {
    rules,
    now,
    elapsedMs,
    gate: createGate({ capacity: 16, maxWaiting: 64, what: 'sign-ins' }),
    cache: createTokenCache(10_000),
    introspect: (token) =>
      orDown(async () => {
        const { oidc, client } = await discovered.get();
        return oidc.tokenIntrospection(client, token, { token_type_hint: 'access_token' });
      }),
  };
  return {
    signIn: {
      issuer: rules.issuer,
      clientId: rules.cliClientId,
      scopes: [...rules.scopes],
      ...(rules.resource !== undefined && { resource: rules.resource }),
    },
    verifyAccessToken: async (token) => {
      if (isJwt(token))
        return verifyJwt({ rules, now, keys: { get: down(keys.get), renew: down(keys.renew) } }, token);
      if (rules.clientSecret === undefined || !isOpaque(token))
        throw new RegistryError('auth.token_invalid', 'the access token is not valid');
      return introspectToken(introspection, token);
    },
    startLogin: async (options) => {
      assertBrowsers(rules);
      return startBrowserLogin(await orDown(discovered.get), rules, options);
    },
    finishLogin: async (callback, secrets) => {
      assertBrowsers(rules);
      return finishBrowserLogin(await orDown(discovered.get), { rules, now }, callback, secrets);
    },
    check: async () => {
      await orDown(keys.get);
    },
    standing: () => standingOf(keys),
  };
}

/** Keys are got by way of what the provider says of itself, so they tell of both. */
function standingOf(keys: Refreshed<KeyFinder>): ProviderStanding {
  // Who only looks is not told of a failure twice.
  keys.get().catch(() => undefined);
  const outcome = keys.outcome();
  if (outcome === 'ok') return { word: 'ok' };
  return outcome === 'untried' ? { word: 'unknown' } : { word: 'down', reason: kindOfFailure(outcome) };
}

async function discover(config: OidcConfig): Promise<Discovered> {
  const oidc = await import('openid-client');
  const { allowInsecureRequests }: PlainHttp = oidc;
  const issuer = new URL(config.issuer);
  const authentication =
    config.clientSecret === undefined ? oidc.None() : oidc.ClientSecretBasic(config.clientSecret);
  const client = await oidc.discovery(issuer, config.clientId, {}, authentication, {
    // Plain http is for a provider on this machine: parseSignInConfig refuses any other.
    execute: [
      ...(issuer.protocol === 'http:' ? [allowInsecureRequests] : []),
      oidc.enableNonRepudiationChecks,
    ],
    [oidc.customFetch]: cappedFetch,
  });
  return { oidc, client };
}

async function fetchKeys(discovered: Refreshed<Discovered>) {
  const { client } = await discovered.get();
  const { jwks_uri: uri, issuer } = client.serverMetadata();
  const isEncrypted = uri !== undefined && new URL(uri).protocol === 'https:';
  if (uri === undefined || (!isEncrypted && new URL(issuer).protocol === 'https:'))
    throw new Error('the identity provider names no https address of its keys');
  const response = await cappedFetch(uri, { headers: { accept: 'application/json' } });
  if (response.status !== 200) throw new Error(`the identity provider's keys answer with ${response.status}`);
  return readKeySet(await response.json());
}

function assertBrowsers({ clientSecret }: OidcConfig): void {
  if (clientSecret === undefined)
    throw new RegistryError(
      'auth.sign_in_unavailable',
      'browsers cannot sign in: the registry has no client secret',
    );
}

function down<T>(ask: () => Promise<T>): () => Promise<T> {
  return () => orDown(ask);
}

/** Whatever goes wrong with the provider is its failure, not the caller's. */
async function orDown<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    if (cause instanceof RegistryError) throw cause;
    throw new RegistryError('auth.provider_down', 'the identity provider does not answer as it should', {
      retryAfterSeconds: 10,
      cause,
    });
  }
}
