import type { SignInCredential } from '../config/credential-format.js';
import { discoverProvider, withProvider } from './provider.js';

/** Has the identity provider end a sign-in (RFC 7009). False when it does not offer that, or does not answer. */
export async function revokeSignIn(credential: SignInCredential): Promise<boolean> {
  const { issuer, refreshToken, accessToken } = credential;
  try {
    const { oidc, client } = await discoverProvider(credential);
    if (client.serverMetadata().revocation_endpoint === undefined) return false;
    const [token, hint] =
      refreshToken === undefined ? [accessToken, 'access_token'] : [refreshToken, 'refresh_token'];
    await withProvider(issuer, () => oidc.tokenRevocation(client, token, { token_type_hint: hint }));
    return true;
  } catch {
    // To forget the sign-in here must not depend on the provider; that it is not ended there is said.
    return false;
  }
}
