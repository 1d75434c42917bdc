import type { Credential, CredentialPlace, SignInCredential } from '../config/credential-format.js';
import type { Credentials } from '../config/credentials.js';
import { CliError } from '../frame/errors.js';
import { finishFirst } from '../frame/unfinished.js';
import { shellWord } from '../terminal/shell.js';
import { discoverProvider, withProvider } from './provider.js';
import { toCredential } from './sign-in.js';

/** A token that ends within so long is renewed before it is used. */
const MARGIN_MS = 30_000;

export interface RefreshDeps {
  readonly credentials: Pick<Credentials, 'update'>;
  readonly now: () => number;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Ends the waiting for another process and for what a provider offers; never an exchange of a token that is sent. */
  readonly signal: AbortSignal;
}

/**
 * The access token of a sign-in, renewed when it has ended. Refresh tokens are used once where the provider rotates
 * them: of several processes one renews, and the others take what it got.
 *
 * @throws CliError `auth.sign_in_ended`, `network.sign_in`, `file.busy`
 */
export async function freshAccessToken(
  deps: RefreshDeps,
  place: CredentialPlace,
  stored: SignInCredential,
): Promise<string> {
  if (isUsable(stored, deps.now())) return stored.accessToken;
  return renewUnless(deps, place, (current) => isUsable(current, deps.now()));
}

/**
 * The access token in the place of one that the registry does not take although its time is not over: it was revoked,
 * or this machine's clock is behind. What another process has got meanwhile is taken as it is.
 *
 * @throws as {@link freshAccessToken}
 */
export async function replaceAccessToken(
  deps: RefreshDeps,
  place: CredentialPlace,
  rejected: string,
): Promise<string> {
  return renewUnless(deps, place, ({ accessToken }) => accessToken !== rejected);
}

async function renewUnless(
  deps: RefreshDeps,
  place: CredentialPlace,
  isGood: (current: SignInCredential) => boolean,
): Promise<string> {
  const change = async (current: Credential | undefined): Promise<Credential | undefined> => {
    if (current?.kind !== 'sign-in' || isGood(current)) return current;
    return renew(deps, place, current);
  };
  // Where refresh tokens are used once, whoever is cut between the answer and the file is signed out.
  const renewed = await finishFirst(deps.credentials.update(place, change, deps));
  if (renewed === undefined) throw ended(place);
  return renewed.kind === 'sign-in' ? renewed.accessToken : renewed.token;
}

async function renew(
  { now, ...deps }: Pick<RefreshDeps, 'now' | 'env' | 'signal'>,
  place: CredentialPlace,
  current: SignInCredential,
): Promise<SignInCredential> {
  const { issuer, refreshToken, resource } = current;
  if (refreshToken === undefined) throw ended(place);
  const { oidc, client } = await discoverProvider(deps, current);
  try {
    const tokens = await withProvider(issuer, () =>
      oidc.refreshTokenGrant(client, refreshToken, resource === undefined ? {} : { resource }),
    );
    const renewed = toCredential(current, tokens, now());
    // A provider that does not rotate says nothing of the token, which stays.
    return { ...renewed, refreshToken: renewed.refreshToken ?? refreshToken };
  } catch (error) {
    if (error instanceof CliError && error.code === 'auth.sign_in_refused') throw ended(place, error);
    throw error;
  }
}

function isUsable({ expiresAt }: SignInCredential, nowMs: number): boolean {
  return Date.parse(expiresAt) - nowMs > MARGIN_MS;
}

function ended({ url, account }: CredentialPlace, cause?: unknown): CliError {
  const more = account === undefined ? '' : ` --account ${shellWord(account)}`;
  return new CliError('auth.sign_in_ended', `the sign-in to ${url} has ended`, {
    hint: `sign in again: sheaf login ${shellWord(url)}${more}`,
    cause,
  });
}
