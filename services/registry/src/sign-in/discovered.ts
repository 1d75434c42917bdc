import type * as Oidc from 'openid-client';

/** The library, and what the provider says of itself. */
export interface Discovered {
  readonly oidc: typeof Oidc;
  readonly client: Oidc.Configuration;
}
