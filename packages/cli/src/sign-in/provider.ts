import type * as Oidc from 'openid-client';
import { isLoopback, openFetch, readProxies } from '@sheaf/client';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import { printable } from '../terminal/escape.js';

/** An identity provider, as far as signing in and out goes. */
export interface Provider {
  readonly oidc: typeof Oidc;
  readonly client: Oidc.Configuration;
}

/** What the registry says of where people sign in. */
export interface SignInPlace {
  readonly issuer: string;
  readonly clientId: string;
  readonly resource?: string | undefined;
}

/** The library marks it as deprecated to make it stand out; it stays. */
interface PlainHttp {
  readonly allowInsecureRequests: (client: Oidc.Configuration) => void;
}

const TIMEOUT_S = 8;

/**
 * Asks an identity provider what it offers. `signal` ends that, and nothing that is asked later.
 *
 * @throws CliError `network.sign_in`, `auth.provider_invalid`; the reason of `signal`
 */
export async function discoverProvider(
  { env, signal }: Pick<Context, 'env' | 'signal'>,
  { issuer, clientId }: SignInPlace,
): Promise<Provider> {
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined;
  const isLocal = url?.protocol === 'http:' && isLoopback(url);
  if (url?.protocol !== 'https:' && !isLocal)
    throw new CliError(
      'auth.provider_invalid',
      `the registry names no https identity provider: ${printable(issuer)}`,
      {
        hint: 'ask the operator of the registry',
      },
    );
  const oidc = await import('openid-client');
  const { allowInsecureRequests }: PlainHttp = oidc;
  // Whoever reaches the registry through a proxy reaches its identity provider so, too.
  const { fetch } = openFetch({ proxies: readProxies(env) });
  const found = await withProvider(issuer, async () => {
    const client = await oidc.discovery(url, clientId, undefined, oidc.None(), {
      execute: isLocal ? [allowInsecureRequests] : [],
      timeout: TIMEOUT_S,
      [oidc.customFetch]: (address, init) =>
        fetch(address, { ...init, signal: AbortSignal.any([signal, ...(init.signal ? [init.signal] : [])]) }),
    });
    return { oidc, client };
  }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw error;
  });
  // A refresh token that was sent is used up, whether its answer is waited for or not.
  found.client[oidc.customFetch] = fetch;
  return found;
}

export function codeNotEntered(cause: unknown): CliError {
  return new CliError('auth.sign_in_timeout', 'nobody entered the code in time', {
    hint: 'start again: sheaf login',
    cause,
  });
}

/** Tells what goes wrong with a provider in the terms of the command line. */
export async function withProvider<T>(issuer: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CliError) throw error;
    const { error: refusal, error_description: because } = error as Record<string, unknown>;
    if (refusal === 'expired_token') throw codeNotEntered(error);
    if (refusal === 'access_denied')
      throw new CliError('auth.sign_in_refused', `the sign-in was declined at ${issuer}`, {
        hint: 'start again: sheaf login',
        cause: error,
      });
    if (typeof refusal === 'string') {
      const why = typeof because === 'string' ? `${refusal}: ${because}` : refusal;
      throw new CliError(
        'auth.sign_in_refused',
        `${issuer} did not sign you in: ${printable(why.slice(0, 300))}`,
        {
          hint: 'start again: sheaf login',
          cause: error,
        },
      );
    }
    throw new CliError('network.sign_in', `the identity provider at ${issuer} does not answer as it should`, {
      hint: 'try again; a personal access token works without it: sheaf login --with-token',
      cause: error,
    });
  }
}
