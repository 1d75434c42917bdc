import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import { printable } from '../terminal/escape.js';
import { shellWord } from '../terminal/shell.js';
import type { SignInPlace } from './provider.js';

/**
 * Whether a sign-in is for the registry at `url` by its very name: that URL, its origin, or `urn:sheaf:` and its host. A
 * registry that copied another's place to sign in at would be given a token that works there.
 */
export function isBoundTo(url: string, { resource }: Pick<SignInPlace, 'resource'>): boolean {
  if (resource === undefined) return false;
  const { host } = new URL(url);
  if (resource === `urn:sheaf:${host}`) return true;
  const asked = URL.canParse(resource) ? new URL(resource) : undefined;
  return asked !== undefined && asked.origin !== 'null' && asked.origin === new URL(url).origin;
}

/**
 * Returns when somebody agrees to sign in for what the registry names.
 *
 * @param agreed what was agreed to beforehand: the resource, or the issuer where there is none
 * @throws CliError `auth.sign_in_refused`
 */
export async function assertMeant(
  { ui }: { readonly ui: Pick<Context['ui'], 'say' | 'canAsk' | 'confirm'> },
  url: string,
  place: SignInPlace,
  agreed: string | undefined,
): Promise<void> {
  const what = place.resource ?? place.issuer;
  if (isBoundTo(url, place) || agreed === what) return;
  const shown = `${printable(url)} has you sign in at ${printable(place.issuer)} for ${printable(place.resource ?? 'whatever its client may do')}`;
  const hint = `if its operator says so: sheaf login ${shellWord(url)} --resource ${shellWord(what)}`;
  if (agreed !== undefined || !ui.canAsk)
    throw new CliError('auth.sign_in_refused', `${shown}, which is not named after it`, { hint });
  ui.say(`${shown}. That is not named after the registry: were it another one, it could act as you there.`);
  if (await ui.confirm('Sign in for it?')) return;
  throw new CliError('auth.sign_in_refused', 'not agreed; nobody was signed in', { hint });
}
