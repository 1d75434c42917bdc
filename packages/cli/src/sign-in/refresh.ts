import type { Credential, SignInCredential } from '../config/credential-format.js';
import type { Credentials } from '../config/credentials.js';
import { CliError } from '../frame/errors.js';
import { shellWord } from '../terminal/shell.js';
import { discoverProvider, withProvider } from './provider.js';
import { toCredential } from './sign-in.js';

/** A token that ends within so long is renewed before it is used. */
const MARGIN_MS = 30_000;

export interface RefreshDeps {
  readonly credentials: Pick<Credentials, 'update'>;
  readonly now: () => number;
}

/**
 * The access token of a sign-in, renewed when it has ended. Refresh tokens are used once where the provider rotates
 * them: of several processes one renews, and the others take what it got.
 *
 * @throws CliError `auth.sign_in_ended`, `network.sign_in`, `file.busy`
 */
export async function freshAccessToken(
  { credentials, now }: RefreshDeps,
  url: string,
  stored: SignInCredential,
): Promise<string> {
  if (isUsable(stored, now())) return stored.accessToken;
  const renewed = await credentials.update(url, async (current): Promise<Credential | undefined> => {
    if (current?.kind !== 'sign-in' || isUsable(current, now())) return current;
    return renew(url, current, now);
  });
  if (renewed === undefined) throw ended(url);
  return renewed.kind === 'sign-in' ? renewed.accessToken : renewed.token;
}

async function renew(url: string, current: SignInCredential, now: () => number): Promise<SignInCredential> {
  const { issuer, refreshToken, resource } = current;
  if (refreshToken === undefined) throw ended(url);
  const { oidc, client } = await discoverProvider(current);
  try {
    const tokens = await withProvider(issuer, () =>
      oidc.refreshTokenGrant(client, refreshToken, resource === undefined ? {} : { resource }),
    );
    const renewed = toCredential(current, tokens, now());
    // A provider that does not rotate says nothing of the token, which stays.
    return { ...renewed, refreshToken: renewed.refreshToken ?? refreshToken };
  } catch (error) {
    if (error instanceof CliError && error.code === 'auth.sign_in_refused') throw ended(url, error);
    throw error;
  }
}

function isUsable({ expiresAt }: SignInCredential, nowMs: number): boolean {
  return Date.parse(expiresAt) - nowMs > MARGIN_MS;
}

function ended(url: string, cause?: unknown): CliError {
  return new CliError('auth.sign_in_ended', `the sign-in to ${url} has ended`, {
    hint: `sign in again: sheaf login ${shellWord(url)}`,
    cause,
  });
}
