import { isRegistryName } from '@sheaf/client';
import { findKeyring, openCredentials, parseToken, type Credentials } from '../config/credentials.js';
import { normaliseRegistryUrl } from '../config/registry-url.js';
import type { Context } from '../frame/context.js';
import { codeOf } from '../frame/errors.js';
import { expiryWarning } from '../sign-in/expiry.js';
import { freshAccessToken } from '../sign-in/refresh.js';
import { findUsual, settingsOf, type RegistryChoice } from './choose.js';

/**
 * `SHEAF_TOKEN` for the registry that it is meant for, else what was stored for the registry.
 *
 * @throws CliError `auth.token_invalid`, `auth.sign_in_ended`, `network.sign_in`
 */
export async function findToken(
  context: Context,
  choice: Pick<RegistryChoice, 'url'>,
): Promise<string | undefined> {
  const variable = findVariable(context);
  if (variable !== undefined && (await isMeant(context, choice))) return parseToken(variable, 'SHEAF_TOKEN');
  const dir = findConfigDir(context);
  if (dir === undefined) return undefined;
  const credentials = credentialsIn(context, dir);
  const stored = await credentials.find(choice.url);
  if (stored?.kind === 'sign-in')
    return freshAccessToken({ credentials, now: context.now }, choice.url, stored);
  if (stored !== undefined) warnOnce(context, expiryWarning(stored, choice.url, context.now()));
  return stored?.token;
}

/** What is stored to sign in, in the user's folder. */
export function credentialsIn(
  { env, ui }: Pick<Context, 'env'> & { readonly ui: Pick<Context['ui'], 'warn'> },
  configDir: string,
): Credentials {
  return openCredentials({ configDir, warn: ui.warn, keyring: findKeyring(env) });
}

/** What `SHEAF_TOKEN` holds, if it holds anything. */
export function findVariable({ env }: Pick<Context, 'env'>): string | undefined {
  const variable = env['SHEAF_TOKEN'];
  return variable === undefined || variable.trim() === '' ? undefined : variable;
}

/**
 * Whether `SHEAF_TOKEN` is for this registry: for the one that `SHEAF_REGISTRY` or the user's configuration name. An
 * address on the command line may be anybody's, and so may a name that only a repository explains.
 */
async function isMeant(context: Context, { url }: Pick<RegistryChoice, 'url'>): Promise<boolean> {
  const named = context.env['SHEAF_REGISTRY'] ?? '';
  if (named !== '' && !isRegistryName(named)) return normaliseRegistryUrl(named) === url;
  const settings = await settingsOf(context);
  return url === (named === '' ? findUsual(settings) : settings.registries.get(named))?.url;
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
