import type { Logger } from 'pino';
import type { SignInConfig } from '../config/oidc.js';
import { describeError } from '../describe-error.js';
import type { SignInSettings } from '../domain/identity/sign-in.js';
import { createIdentityProvider, type ProviderDeps } from '../sign-in/provider.js';

/** How people get in. The identity provider is asked nothing before somebody comes. */
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
