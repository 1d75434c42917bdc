import type { IdentityProvider } from './identity-provider.js';

/** How long personal access tokens live. */
export interface TokenPolicy {
  readonly maxDays: number;
  /** Of a token that is asked for without a time. */
  readonly defaultDays: number;
  /** Who may have tokens that never expire. */
  readonly unlimited: 'nobody' | 'admins' | 'everybody';
}

/** How people get in. */
export interface SignInSettings {
  /** Undefined where only personal access tokens are taken. */
  readonly provider: IdentityProvider | undefined;
  readonly tokens: TokenPolicy;
  /** Where browsers reach the service, without a trailing slash; undefined: https and the origin. */
  readonly publicUrl: string | undefined;
}

export const DEFAULT_TOKEN_POLICY: TokenPolicy = { maxDays: 365, defaultDays: 90, unlimited: 'admins' };

/** Only tokens, for as long as they live by default. */
export const TOKENS_ONLY: SignInSettings = {
  provider: undefined,
  tokens: DEFAULT_TOKEN_POLICY,
  publicUrl: undefined,
};
