import { hostname } from 'node:os';
import { generateSigningKey } from '@sheaf/bundle';
import type { Context } from '../frame/context.js';
import { codeOf } from '../frame/errors.js';
import { shortId } from '../terminal/text.js';
import { openKeyStore, type KeyPlace } from './key-store.js';
import { choosePassphrase } from './passphrase.js';
import { chooseSigningKeys, type ChosenKey } from './signing-key.js';

/**
 * The keys to sign with, as {@link chooseSigningKeys} picks them; where there is none at all, one is offered on a terminal.
 *
 * @throws as {@link chooseSigningKeys}
 */
export async function chooseOrMakeKeys(
  context: Context,
  flags: readonly string[],
  places: readonly KeyPlace[] = [],
): Promise<readonly [ChosenKey, ...ChosenKey[]]> {
  try {
    return await chooseSigningKeys(context, flags, places);
  } catch (error) {
    const { ui } = context;
    if (codeOf(error) !== 'key.none' || !ui.canAsk) throw error;
    const label = keyNameFor(hostname());
    if (!(await ui.confirm(`There is no key to sign with. Make one, called ${label}?`))) throw error;
    const key = generateSigningKey();
    const passphrase = await choosePassphrase(context);
    const path = await openKeyStore(context.paths.config(), ui.warn).create(label, key, passphrase);
    ui.say(`key ${shortId(key.publicKey.id)} (${label}) kept in ${path}; keep a copy of the file`);
    return [{ label, key }];
  }
}

/** A key is called after the machine that it lies on. */
export function keyNameFor(host: string): string {
  const name = host
    .toLowerCase()
    .replace(/\..*$/, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 32);
  return name === '' ? 'first' : name;
}
