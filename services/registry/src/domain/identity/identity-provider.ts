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
}
