import type * as Oidc from 'openid-client';
import type { SignIn } from '@sheaf/client/contract';
import type { SignInCredential } from '../config/credential-format.js';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import { announce, whyNoBrowser, type AnnounceContext } from './announce.js';
import { hasLocalDisplay, openBrowser } from './browser.js';
import { openLoopback } from './loopback.js';
import {
  codeNotEntered,
  discoverProvider,
  withProvider,
  type Provider,
  type SignInPlace,
} from './provider.js';

const TIMEOUT_MS = 5 * 60_000;

export interface SignInOptions {
  /** What somebody agrees to sign in for where its name is not that of the registry: a resource, or an issuer. */
  readonly resource?: string | undefined;
  /** By a code that is typed in on any device. */
  readonly device: boolean;
  /** By the browser of this machine, also when there seems to be none. */
  readonly browser: boolean;
  /** The provider asks again who it is. */
  readonly fresh: boolean;
}

type SignInContext = AnnounceContext & Pick<Context, 'signal'>;

/** Whether somebody is there who could sign in. */
export function maySignIn({ ui }: Pick<Context, 'ui'>, { device, browser }: SignInOptions): boolean {
  return device || browser || ui.canAsk;
}

/**
 * Signs somebody in at the identity provider of a registry: by the browser of this machine where there is one, else by
 * a code.
 *
 * @throws CliError `auth.sign_in_refused`, `auth.sign_in_timeout`, `auth.provider_invalid`, `network.sign_in`, `usage.…`
 */
export async function signInAt(
  context: SignInContext,
  place: SignIn,
  options: SignInOptions,
): Promise<SignInCredential> {
  const provider = await discoverProvider(context, place);
  const { device_authorization_endpoint: endpoint } = provider.client.serverMetadata();
  const isLocal = options.browser || hasLocalDisplay(context.env);
  const isByDevice = options.device || (!isLocal && endpoint !== undefined && !options.fresh);
  if (options.device && endpoint === undefined)
    throw new CliError('auth.sign_in_refused', `${place.issuer} signs nobody in by a code`, {
      hint: 'use a browser: sheaf login --browser',
    });
  const tokens = await withProvider(place.issuer, () =>
    isByDevice
      ? signInByDevice(context, provider, place, options)
      : signInByBrowser(context, provider, place, { fresh: options.fresh, isLocal }),
  );
  return toCredential(place, tokens, context.now());
}

/** Authorization code with PKCE and a loopback redirect (RFC 8252, RFC 7636). */
async function signInByBrowser(
  context: SignInContext,
  { oidc, client }: Provider,
  place: SignIn,
  { fresh, isLocal }: { readonly fresh: boolean; readonly isLocal: boolean },
): Promise<Oidc.TokenEndpointResponse> {
  const state = oidc.randomState();
  const nonce = oidc.randomNonce();
  const verifier = oidc.randomPKCECodeVerifier();
  const loopback = await openLoopback(state);
  let stop = (): void => undefined;
  try {
    const url = oidc.buildAuthorizationUrl(client, {
      redirect_uri: loopback.redirectUri,
      scope: place.scopes.join(' '),
      ...resourceOf(place),
      state,
      nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...promptOf(place, fresh),
    });
    stop = announce(context, {
      url: url.href,
      note: isLocal ? 'opened in your browser' : describeWayBack(context.env, loopback.redirectUri),
      forMs: TIMEOUT_MS,
    });
    if (isLocal) openBrowser(url, context.env);
    const callback = await loopback.wait({ signal: context.signal, timeoutMs: TIMEOUT_MS });
    return await oidc.authorizationCodeGrant(
      client,
      callback,
      { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true },
      resourceOf(place),
    );
  } finally {
    stop();
    await loopback.close();
  }
}

/** The page comes back to a port of this machine, so another one has to reach it. */
function describeWayBack(env: Context['env'], redirectUri: string): string {
  const { port } = new URL(redirectUri);
  return `no browser started: ${whyNoBrowser(env) ?? ''}; from another machine first: ssh -L ${port}:127.0.0.1:${port} THIS-HOST`;
}

/** Device authorization grant (RFC 8628); the library waits as long as the provider asks it to between two questions. */
async function signInByDevice(
  context: SignInContext,
  { oidc, client }: Provider,
  place: SignIn,
  options: Pick<SignInOptions, 'device'>,
): Promise<Oidc.TokenEndpointResponse> {
  const started = await oidc.initiateDeviceAuthorization(client, {
    scope: place.scopes.join(' '),
    ...resourceOf(place),
  });
  const why = options.device ? undefined : whyNoBrowser(context.env);
  const stop = announce(context, {
    url: started.verification_uri,
    code: started.user_code,
    urlWithCode: started.verification_uri_complete,
    note: why === undefined ? 'on any device' : `on any device; no browser started: ${why}`,
    forMs: started.expires_in * 1000,
  });
  const late = AbortSignal.timeout(started.expires_in * 1000);
  const signal = AbortSignal.any([context.signal, late]);
  try {
    const polled = oidc.pollDeviceAuthorizationGrant(client, started, resourceOf(place), { signal });
    // The library notices only when it asks the next time, which may be in five seconds.
    return await Promise.race([polled, rejectedBy(signal)]);
  } catch (error) {
    if (late.aborted && !context.signal.aborted) throw codeNotEntered(error);
    throw error;
  } finally {
    stop();
  }
}

function rejectedBy(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = (): void => {
      reject(signal.reason as Error);
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}

/** A refresh token is given by many providers only to who has agreed just now (OpenID Connect Core §11). */
function promptOf({ scopes }: SignIn, fresh: boolean): Record<string, string> {
  const prompts = [...(fresh ? ['login'] : []), ...(scopes.includes('offline_access') ? ['consent'] : [])];
  return {
    ...(prompts.length > 0 && { prompt: prompts.join(' ') }),
    ...(fresh && { max_age: '0' }),
  };
}

function resourceOf({ resource }: SignInPlace): Record<string, string> {
  return resource === undefined ? {} : { resource };
}

/** What is kept of the tokens that a provider has given. */
export function toCredential(
  { issuer, clientId, resource }: SignInPlace,
  tokens: Oidc.TokenEndpointResponse,
  nowMs: number,
): SignInCredential {
  // A provider that does not say how long a token lives has told nobody: it is used for a minute, then renewed.
  const livesMs = (tokens.expires_in ?? 60) * 1000;
  return {
    kind: 'sign-in',
    issuer,
    clientId,
    resource,
    accessToken: tokens.access_token,
    expiresAt: new Date(nowMs + livesMs).toISOString(),
    refreshToken: tokens.refresh_token,
  };
}
