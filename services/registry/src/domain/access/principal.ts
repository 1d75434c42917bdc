import type { Role } from '@sheaf/client/contract';

/** Who a request comes from, and what its token covers. */
export interface Principal {
  /** The person; null for a trusted publisher, who is none. */
  readonly userId: number | null;
  /** Name for people to read: of the person, or of the trusted publisher. */
  readonly user: string;
  readonly isAdmin: boolean;
  /** How it was found out: by a personal access token, a sign-in at the identity provider, or trusted publishing. */
  readonly via: 'token' | 'oidc' | 'trusted';
  readonly token: {
    /** What the audit names; never a secret. */
    readonly id: string;
    readonly name: string;
    readonly scopes: readonly string[];
    readonly createdAt: Date;
    readonly expiresAt: Date | null;
  };
  readonly roles: ReadonlyMap<string, Role>;
  /** When the person last proved at the identity provider who they are (OpenID Connect `auth_time`). */
  readonly authenticatedAt?: Date | undefined;
  /** Set for somebody who can sign in at the identity provider, whatever the request came with. */
  readonly hasIdentity?: boolean;
  /** Set with `via: 'trusted'`. */
  readonly trusted?: TrustedIdentity;
}

/** A principal that is a person. */
export type Person = Principal & { readonly userId: number };

/** What an outside issuer has vouched for: somebody that publishes in one namespace with a key of its own. */
export interface TrustedIdentity {
  readonly issuer: string;
  /** Kind of the issuer, such as `github`. */
  readonly kind: string;
  readonly namespace: string;
  /** Name of the only workflow it may publish; left out for every one of the namespace. */
  readonly workflow?: string;
  /** Of the key that the log holds as `key.ephemeral`. */
  readonly keyId: string;
  /** Claims that were matched, such as `repository_id`. */
  readonly identity: Readonly<Record<string, string>>;
}

/** Whoever makes a request: nobody signed in, or somebody. */
export interface Caller {
  readonly principal: Principal | undefined;
  readonly requestId: string;
}

/** The account that a principal's use is counted for: the same for all tokens of a person. */
export function accountOf({ userId, user }: Principal): string {
  return userId === null ? `trusted:${user}` : `user:${userId}`;
}
