import type { CreatedToken, CreateTokenSchema, TokenList } from '@sheaf/client/contract';
import type { Static } from '@sinclair/typebox';
import type { SignInSettings } from '../identity/sign-in.js';
import { authorize } from './authorization.js';
import { assertMayDelegate } from './delegation.js';
import type { Caller } from './principal.js';
import { expiryOf } from './token-lifetime.js';
import { createOwnToken, tokensOf, type AccessDeps } from './tokens.js';

export interface IssueDeps extends AccessDeps {
  readonly signIn: Pick<SignInSettings, 'tokens'>;
}

/**
 * Makes a token for the caller, never stronger than the one that asks. What is asked for is read once the caller is known
 * to be allowed to.
 *
 * @throws RegistryError `request.invalid`, `auth.scope_missing`, `auth.not_fresh`, `token.lifetime_refused`, and what `authorize` throws
 */
export async function issueToken(
  deps: IssueDeps,
  { principal, requestId }: Caller,
  read: () => Promise<Static<typeof CreateTokenSchema>>,
): Promise<CreatedToken> {
  authorize(principal, 'token.manage');
  const { name, ...request } = await read();
  const scopes = request.scopes ?? [...principal.token.scopes];
  for (const scope of scopes) assertMayDelegate(principal, scope, deps.now());
  const expiresAt = expiryOf(deps.signIn.tokens, principal, request, deps.now());
  const { id, token } = await createOwnToken(deps, { principal, requestId }, { name, scopes, expiresAt });
  return { id, name, scopes, ...(expiresAt && { expiresAt: expiresAt.toISOString() }), token };
}

/** The caller's tokens, without their secrets. @throws RegistryError what `authorize` throws */
export async function listOwnTokens(deps: AccessDeps, { principal }: Caller): Promise<TokenList['tokens']> {
  authorize(principal, 'token.manage');
  const rows = await tokensOf(deps, principal.userId);
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    scopes: row.scopes,
    createdAt: row.created_at.toISOString(),
    ...(row.expires_at && { expiresAt: row.expires_at.toISOString() }),
    ...(row.last_used_at && { lastUsedAt: row.last_used_at.toISOString() }),
  }));
}
