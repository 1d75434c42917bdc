import type { Credential, SignInCredential, TokenCredential } from '../config/credential-format.js';
import type { Context } from '../frame/context.js';
import { codeOf } from '../frame/errors.js';
import { connect } from '../registry/connect.js';
import { assertSameLog } from '../registry/log-key.js';
import { openTrust } from '../registry/open-trust.js';
import { discoverProvider, withProvider } from './provider.js';

/** What became of a credential where it was valid. */
export type Revocation =
  | 'revoked'
  /** Nobody asked for it. */
  | 'kept'
  /** It was asked for, and not confirmed. */
  | 'failed';

/**
 * Ends a sign-in at its identity provider, and a token at its registry when that is asked for: it may be in use elsewhere.
 * To forget either here must not depend on them, so that it is not ended there is no error.
 */
export async function revoke(
  context: Pick<Context, 'env' | 'paths' | 'signal'>,
  url: string,
  credential: Credential,
  options: { readonly tokens: boolean },
): Promise<Revocation> {
  if (credential.kind === 'sign-in') return (await revokeSignIn(context, credential)) ? 'revoked' : 'failed';
  if (!options.tokens) return 'kept';
  return (await revokeToken(context, url, credential)) ? 'revoked' : 'failed';
}

/** The public part of a token, by which it is listed; undefined when it is not one of a registry. */
export function tokenIdOf({ token }: Pick<TokenCredential, 'token'>): string | undefined {
  return /^shf_([0-9a-f]{16})_/.exec(token)?.[1];
}

/** RFC 7009. False when the provider does not offer that, or does not answer. */
async function revokeSignIn(
  context: Pick<Context, 'env' | 'signal'>,
  credential: SignInCredential,
): Promise<boolean> {
  const { issuer, refreshToken, accessToken } = credential;
  try {
    const { oidc, client } = await discoverProvider(context, credential);
    if (client.serverMetadata().revocation_endpoint === undefined) return false;
    const [token, hint] =
      refreshToken === undefined ? [accessToken, 'access_token'] : [refreshToken, 'refresh_token'];
    await withProvider(issuer, () => oidc.tokenRevocation(client, token, { token_type_hint: hint }));
    return true;
  } catch {
    return false;
  }
}

/**
 * False when the registry does not let the token revoke itself, does not answer, or shows another log key than the pinned
 * one: then it is sent nothing.
 */
async function revokeToken(
  context: Pick<Context, 'env' | 'paths' | 'signal'>,
  url: string,
  credential: TokenCredential,
): Promise<boolean> {
  const id = tokenIdOf(credential);
  if (id === undefined) return false;
  const client = await connect(context, { url }, { token: credential.token, retry: { retries: 1 } });
  try {
    await assertSameLog(context, { url: client.url, client, trust: () => openTrust(context) });
    await client.revokeToken(id, { signal: context.signal });
    return true;
  } catch (error) {
    if (context.signal.aborted) throw error;
    // One that is not valid any more is as good as revoked.
    return codeOf(error) === 'auth.token_invalid';
  } finally {
    await client.close();
  }
}
