import type { Db } from '../../db/connection.js';
import { RegistryError } from '../error.js';
import type { ProvenIdentity } from '../identity/identity-provider.js';
import { assertNotSuspended, findOrCreatePerson } from '../identity/people.js';
import type { SignInSettings } from '../identity/sign-in.js';
import type { Principal } from './principal.js';
import { toPerson } from './to-principal.js';
import { authenticateToken, isPersonalToken, type AccessDeps } from './tokens.js';

export interface AuthenticateDeps extends AccessDeps {
  /** Connections for what every request looks up. */
  readonly hotDb: Db;
  readonly signIn: SignInSettings;
}

/**
 * Who a bearer token belongs to: a personal access token, or an access token of the identity provider.
 *
 * @throws RegistryError `auth.token_invalid`, `auth.suspended`, `auth.provider_down`, `service.busy`
 */
export async function authenticate(deps: AuthenticateDeps, bearer: string): Promise<Principal> {
  const { provider } = deps.signIn;
  if (isPersonalToken(bearer)) return authenticateToken(deps, bearer);
  if (provider === undefined) throw new RegistryError('auth.token_invalid', 'the access token is not valid');
  return principalOf(deps, await provider.verifyAccessToken(bearer));
}

/**
 * What a sign-in may do is what the person may do. Its token is for our own clients, which act for the person alone; its
 * scopes at the provider say what it is for there. An admin by a claim is one as long as the token says so.
 */
async function principalOf(deps: AuthenticateDeps, proven: ProvenIdentity): Promise<Principal> {
  const row = await findOrCreatePerson(deps, proven);
  assertNotSuspended(row);
  return toPerson(row, {
    via: 'oidc',
    isAdmin: proven.isAdmin,
    hasIdentity: true,
    authenticatedAt: proven.authenticatedAt,
    token: {
      id: `oidc:${row.identity_id}`,
      name: 'sign-in',
      scopes: ['*'],
      createdAt: proven.issuedAt,
      expiresAt: proven.expiresAt,
    },
  });
}
