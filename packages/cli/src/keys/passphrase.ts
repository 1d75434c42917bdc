import type { SigningKey } from '@sheaf/bundle';
import type { Context } from '../frame/context.js';
import { CliError, codeOf } from '../frame/errors.js';
import { printable } from '../terminal/escape.js';
import type { KeyStore, StoredKey } from './key-store.js';
import { KeyringError, openKeyring } from './keyring.js';

const ATTEMPTS = 3;

/** A passphrase for a new key: `SHEAF_KEY_PASSPHRASE`, or asked for twice. @throws CliError `key.passphrase_…` */
export async function choosePassphrase(context: Context): Promise<string> {
  const variable = context.env['SHEAF_KEY_PASSPHRASE'];
  if (variable !== undefined && variable !== '') return variable;
  if (!context.ui.canAsk) {
    throw new CliError(
      'key.passphrase_required',
      'a passphrase is needed, and there is no terminal to ask on',
      {
        hint: ['set SHEAF_KEY_PASSPHRASE', 'or go without: --no-passphrase'],
      },
    );
  }
  const first = await context.ui.askSecret('passphrase for the new key: ');
  if (first === '') {
    throw new CliError('key.passphrase_required', 'an empty passphrase protects nothing', {
      hint: 'to go without one: --no-passphrase',
    });
  }
  if ((await context.ui.askSecret('the same again: ')) === first) return first;
  throw new CliError('key.passphrase_wrong', 'the two passphrases differ', {
    hint: 'run the command again; nothing was kept',
  });
}

/** Keeps the passphrase of a key in the keyring. False when that cannot be, which is told. */
export async function keepInKeyring(
  { ui }: Pick<Context, 'ui'>,
  keyId: string,
  passphrase: string,
): Promise<boolean> {
  try {
    await openKeyring().put(keyId, passphrase);
    return true;
  } catch (error) {
    if (!(error instanceof KeyringError)) throw error;
    ui.warn(`the keyring cannot be used (${printable(error.message)}): the passphrase will be asked for`);
    return false;
  }
}

/**
 * Opens a key file with what comes first: no passphrase where none is needed, `SHEAF_KEY_PASSPHRASE`, the keyring
 * when the passphrase was put there, or the answer to a question.
 *
 * @throws CliError `key.not_found`, `key.passphrase_required`; BundleError `key.passphrase_wrong`, `key.file_invalid`
 */
export async function openWithPassphrase(
  context: Context,
  store: KeyStore,
  name: string,
): Promise<SigningKey> {
  const variable = context.env['SHEAF_KEY_PASSPHRASE'];
  try {
    return await store.open(name, variable === '' ? undefined : variable);
  } catch (error) {
    if (codeOf(error) !== 'key.passphrase_required') throw error;
    const stored = (await store.list()).find((key) => key.name === name);
    const opened = stored?.inKeyring === true ? await openFromKeyring(context, store, stored) : undefined;
    if (opened !== undefined) return opened;
    if (!context.ui.canAsk) {
      throw new CliError('key.passphrase_required', `the key ${name} is protected by a passphrase`, {
        hint: 'set SHEAF_KEY_PASSPHRASE, or run this in a terminal',
        cause: error,
      });
    }
  }
  for (let attempt = 1; ; attempt++) {
    const typed = await context.ui.askSecret(`passphrase of ${name}: `);
    try {
      return await store.open(name, typed);
    } catch (error) {
      if (codeOf(error) !== 'key.passphrase_wrong' || attempt === ATTEMPTS) throw error;
      context.ui.say('that is not it');
    }
  }
}

/** The key, when the keyring has the right passphrase; what is wrong with it otherwise is told. */
async function openFromKeyring(
  { ui }: Pick<Context, 'ui'>,
  store: KeyStore,
  { name, publicKey }: StoredKey,
): Promise<SigningKey | undefined> {
  try {
    const passphrase = await openKeyring().find(publicKey.id);
    if (passphrase === undefined) ui.warn(`the keyring has no passphrase for the key ${name} any more`);
    else return await store.open(name, passphrase);
  } catch (error) {
    if (codeOf(error) === 'key.passphrase_wrong')
      ui.warn(`the passphrase in the keyring is not that of the key ${name}`);
    else if (error instanceof KeyringError)
      ui.warn(`the keyring cannot be used: ${printable(error.message)}`);
    else throw error;
  }
  return undefined;
}
