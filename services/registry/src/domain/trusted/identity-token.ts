import type { TrustedIssuer } from './kinds.js';

/** What an issuer has signed, once that is checked. */
export interface IdentityToken {
  readonly issuer: TrustedIssuer;
  /** Texts, numbers and booleans as text; `workflow_path` is ours, out of what the kind of issuer says. */
  readonly claims: ReadonlyMap<string, string>;
  /** What is used up with it: the hash of issuer and `jti`, or of the whole token when it has none. */
  readonly useId: Buffer;
  readonly expiresAt: Date;
}

/** The issuers whose identity tokens count here. */
export interface TrustedIssuers {
  readonly list: readonly TrustedIssuer[];
  /**
   * Checks signature, issuer, audience and times.
   *
   * @throws RegistryError `oidc.issuer_unknown`, `oidc.issuer_down`, `oidc.token_invalid`, `oidc.audience`,
   *   `oidc.expired`, `oidc.not_yet_valid`
   */
  verify(token: string): Promise<IdentityToken>;
}
