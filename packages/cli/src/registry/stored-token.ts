import { isRegistryName, type TokenProvider } from '@sheaf/client';
import type { Credential, CredentialPlace } from '../config/credential-format.js';
import {
  findKeyring,
  openCredentials,
  parseToken,
  type Credentials,
  type StoredAccount,
} from '../config/credentials.js';
import { normaliseRegistryUrl } from '../config/registry-url.js';
import { isAccountName } from '../config/settings.js';
import type { Context } from '../frame/context.js';
import { CliError, codeOf } from '../frame/errors.js';
import { expiryWarning } from '../sign-in/expiry.js';
import { freshAccessToken, replaceAccessToken, type RefreshDeps } from '../sign-in/refresh.js';
import { printable } from '../terminal/escape.js';
import { shellWord } from '../terminal/shell.js';
import { accountFor, findUsual, settingsOf, type RegistryChoice } from './choose.js';

type Place = Pick<RegistryChoice, 'url' | 'account'>;

/**
 * The token for a registry: `SHEAF_TOKEN` for the one that it is meant for, else what was stored for the account in use
 * there. That of a sign-in is renewed when it has ended, and when the registry does not take it.
 *
 * `get` throws CliError `auth.token_invalid`, `auth.sign_in_ended`, `auth.account_needed`, `network.sign_in`
 */
export function tokenFor(context: Context, choice: Place): Required<TokenProvider> {
  return {
    async get({ signal }) {
      const variable = await findMeantVariable(context, choice);
      if (variable !== undefined) return parseToken(variable, 'SHEAF_TOKEN');
      const found = await findStored(context, choice);
      if (found === undefined) return undefined;
      const { credentials, place, credential } = found;
      if (credential.kind === 'sign-in')
        return freshAccessToken(depsOf(context, credentials, signal), place, credential);
      warnOnce(context, expiryWarning(credential, choice.url, context.now()));
      return credential.token;
    },
    async refresh(rejected, { signal }) {
      if ((await findMeantVariable(context, choice)) !== undefined) return undefined;
      const found = await findStored(context, choice);
      if (found?.credential.kind !== 'sign-in') return undefined;
      const { credentials, place } = found;
      return replaceAccessToken(depsOf(context, credentials, signal), place, rejected);
    },
  };
}

function depsOf(
  { now, env, signal: ofContext }: Pick<Context, 'now' | 'env' | 'signal'>,
  credentials: Credentials,
  signal: AbortSignal = ofContext,
): RefreshDeps {
  return { credentials, now, env, signal };
}

/** Where the token for a registry comes from. */
export type TokenSource =
  | { readonly kind: 'SHEAF_TOKEN' }
  | { readonly kind: 'keyring' | 'file'; readonly account: string | undefined };

/** Where {@link tokenFor} takes the token from; undefined when there is none. */
export async function findTokenSource(context: Context, choice: Place): Promise<TokenSource | undefined> {
  if ((await findMeantVariable(context, choice)) !== undefined) return { kind: 'SHEAF_TOKEN' };
  const dir = findConfigDir(context);
  if (dir === undefined) return undefined;
  const accounts = await credentialsIn(context, dir).list();
  const found = findAccount(accounts, choice, context.env['SHEAF_ACCOUNT']);
  return found && { kind: found.in, account: found.account };
}

interface Stored {
  readonly credentials: Credentials;
  readonly place: CredentialPlace;
  readonly credential: Credential;
}

async function findStored(context: Context, choice: Place): Promise<Stored | undefined> {
  const dir = findConfigDir(context);
  if (dir === undefined) return undefined;
  const credentials = credentialsIn(context, dir);
  const found = findAccount(await credentials.list(), choice, context.env['SHEAF_ACCOUNT']);
  if (found === undefined) return undefined;
  const place = { url: found.url, account: found.account };
  const credential = await credentials.find(place);
  return credential === undefined ? undefined : { credentials, place, credential };
}

/**
 * The account that is used at a registry: the one that the environment or the configuration names, else the one without
 * a name, else the only one.
 *
 * @param variable `SHEAF_ACCOUNT`
 * @throws CliError `usage.account`, `auth.account_needed`
 */
export function findAccount(
  accounts: readonly StoredAccount[],
  { url, account }: Place,
  variable: string | undefined,
): StoredAccount | undefined {
  const named =
    variable === undefined || variable === '' ? account : readAccountName(variable, 'SHEAF_ACCOUNT');
  const here = accounts.filter((each) => each.url === url);
  if (named !== undefined) return here.find((each) => each.account === named);
  const [only, ...more] = here;
  if (more.length === 0) return only;
  const unnamed = here.find((each) => each.account === undefined);
  if (unnamed !== undefined) return unnamed;
  const names = here.map((each) => each.account ?? '');
  throw new CliError('auth.account_needed', `several accounts are signed in to ${url}, and none is chosen`, {
    hint: [
      `signed in: ${names.join(', ')}`,
      `for now: SHEAF_ACCOUNT=${shellWord(names[0] ?? '')}`,
      `for good: sheaf registry add NAME ${shellWord(url)} --account ${shellWord(names[0] ?? '')}`,
    ],
    data: { accounts: names },
  });
}

/** Whether an account is the one that is used at its registry, when that is not named by one of several names. */
export async function isUsedAccount(
  context: Pick<Context, 'env' | 'paths'>,
  credentials: Pick<Credentials, 'list'>,
  { url, account }: CredentialPlace,
): Promise<boolean> {
  try {
    const choice = { url, account: accountFor(await settingsOf(context), url) };
    return findAccount(await credentials.list(), choice, context.env['SHEAF_ACCOUNT'])?.account === account;
  } catch (error) {
    if (codeOf(error) === 'auth.account_needed') return false;
    throw error;
  }
}

/** @throws CliError `usage.account` */
export function readAccountName(text: string, from: string): string {
  if (isAccountName(text)) return text;
  throw new CliError(
    'usage.account',
    `${from} ${JSON.stringify(printable(text.slice(0, 80)))} is no name of an account`,
    { hint: 'up to 64 letters, digits and . _ @ + -, with a letter or digit at both ends' },
  );
}

/** What is stored to sign in, in the user's folder. */
export function credentialsIn(
  { env, signal, ui }: Pick<Context, 'env' | 'signal'> & { readonly ui: Pick<Context['ui'], 'warn'> },
  configDir: string,
): Credentials {
  return openCredentials({ configDir, warn: ui.warn, keyring: findKeyring(env), signal });
}

/** What `SHEAF_TOKEN` holds, if it holds anything. */
export function findVariable({ env }: Pick<Context, 'env'>): string | undefined {
  const variable = env['SHEAF_TOKEN'];
  return variable === undefined || variable.trim() === '' ? undefined : variable;
}

/**
 * `SHEAF_TOKEN`, where it is for this registry: for the one that `SHEAF_REGISTRY` or the user's configuration name. An
 * address on the command line may be anybody's, and so may a name that only a repository explains.
 */
async function findMeantVariable(context: Context, { url }: Place): Promise<string | undefined> {
  const variable = findVariable(context);
  if (variable === undefined) return undefined;
  const named = context.env['SHEAF_REGISTRY'] ?? '';
  if (named !== '' && !isRegistryName(named))
    return normaliseRegistryUrl(named) === url ? variable : undefined;
  const settings = await settingsOf(context);
  const meant = named === '' ? findUsual(settings) : settings.registries.get(named);
  return meant?.url === url ? variable : undefined;
}

const warned = new WeakSet<Context>();

/** The token is asked for at every request; what is to be said of it is said once. */
function warnOnce(context: Context, line: string | undefined): void {
  if (line === undefined || warned.has(context)) return;
  warned.add(context);
  context.ui.warn(line);
}

/** Reading what is public needs no home. */
function findConfigDir({ paths }: Pick<Context, 'paths'>): string | undefined {
  try {
    return paths.config();
  } catch (error) {
    if (codeOf(error) === 'config.home_missing') return undefined;
    throw error;
  }
}
