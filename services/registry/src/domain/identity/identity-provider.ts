import type { SignIn } from '@sheaf/client/contract';

/** Who somebody is, by what the identity provider has signed or said. */
export interface ProvenIdentity {
  readonly issuer: string;
  /** Unique and never reassigned at the issuer. */
  readonly subject: string;
  /** What the person is called there; untrusted text. */
  readonly name: string | undefined;
  readonly isAdmin: boolean;
  /** `auth_time`: when the person last proved who they are. */
  readonly authenticatedAt: Date | undefined;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

/** Where a browser is sent to sign in, and what must be kept until it comes back. */
export interface StartedLogin {
  readonly url: string;
  readonly secrets: LoginSecrets;
}

export interface LoginSecrets {
  readonly state: string;
  readonly nonce: string;
  /** PKCE code verifier. */
  readonly verifier: string;
  /** Whether the provider was to ask who it is, even of somebody whom it knows. */
  readonly isFresh: boolean;
}

/** Whether the provider answers; `unknown` before it was asked for the first time. */
export type ProviderStanding =
  | { readonly word: 'ok' | 'unknown' }
  | {
      readonly word: 'down';
      /** What kind of failure it was, such as `ENOTFOUND`; no text of anybody else. */
      readonly reason: string;
    };

/** The OpenID provider that people sign in at. */
export interface IdentityProvider {
  /** How clients sign in. */
  readonly signIn: SignIn;
  /**
   * Whose access token this is, a JWT or opaque.
   *
   * @throws RegistryError `auth.token_invalid` whatever is wrong with it; `auth.provider_down` when only the provider
   *   could tell and does not answer; `service.busy`
   */
  verifyAccessToken(token: string): Promise<ProvenIdentity>;
  /** @throws RegistryError `auth.provider_down`, `auth.sign_in_unavailable` when browsers cannot sign in here */
  startLogin(options: { readonly redirectUri: string; readonly isFresh: boolean }): Promise<StartedLogin>;
  /** @throws RegistryError `auth.sign_in_failed`, `auth.provider_down` */
  finishLogin(callback: URL, secrets: LoginSecrets): Promise<ProvenIdentity>;
  /** Asks for what it says of itself and its keys, unless both are known. @throws RegistryError `auth.provider_down` */
  check(): Promise<void>;
  /** How it last answered. Has it asked again when that is long ago, and waits for nothing. */
  standing(): ProviderStanding;
}
