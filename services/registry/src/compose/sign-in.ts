import type { Logger } from 'pino';
import type { SignInConfig } from '../config/oidc.js';
import { describeError } from '../describe-error.js';
import type { SignInSettings } from '../domain/identity/sign-in.js';
import { describeProviderFault } from '../domain/readiness/readiness.js';
import { createIdentityProvider, type ProviderDeps } from '../sign-in/provider.js';

/** How people get in. The identity provider is asked nothing before somebody comes, or asks for the readiness. */
export function createSignIn(
  { oidc, tokens, publicUrl }: SignInConfig,
  { log, ...clocks }: Pick<ProviderDeps, 'now' | 'elapsedMs'> & { readonly log: Logger },
): SignInSettings {
  const provider =
    oidc &&
    createIdentityProvider({
      config: oidc,
      ...clocks,
      report: (error) => {
        log.warn({ error: describeError(error) }, 'the identity provider does not answer as it should');
      },
    });
  return { provider, tokens, publicUrl };
}

/**
 * Asks the identity provider once whether it is there, and what to say when it is not: the service is of use without it,
 * so that is no reason not to start. Undefined when it answers, or none is configured.
 */
export async function findProviderFault(
  settings: SignInConfig,
  log: Logger,
): Promise<{ readonly detail: string; readonly remedy: string } | undefined> {
  const clocks = { now: () => Date.now(), elapsedMs: () => performance.now() };
  const { provider } = createSignIn(settings, { ...clocks, log });
  if (provider === undefined) return undefined;
  await provider.check().catch((error: unknown) => {
    const { issuer } = provider.signIn;
    log.warn({ issuer, error: describeError(error) }, 'the identity provider does not answer as it should');
  });
  const standing = provider.standing();
  return standing.word === 'down'
    ? describeProviderFault(provider.signIn.issuer, standing.reason)
    : undefined;
}
