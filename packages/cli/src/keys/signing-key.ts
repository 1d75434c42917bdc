import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { signingKeyFromPem, type SigningKey } from '@sheaf/bundle';
import type { Context } from '../frame/context.js';
import { CliError, codeOf } from '../frame/errors.js';
import { openKeyStore, type KeyStore } from './key-store.js';

/** A key ready to sign, and what its owner calls it. */
export interface ChosenKey {
  readonly label: string;
  readonly key: SigningKey;
}

const ATTEMPTS = 3;
const MAX_PEM_BYTES = 64 * 1024;

/**
 * Picks the key to sign with: `--key`, else `SHEAF_SIGNING_KEY` (PEM or a file that holds it), else the only key there is.
 *
 * @throws CliError `key.none`, `key.choice_needed`, `key.not_found`; BundleError `key.…`
 */
export async function chooseSigningKey(context: Context, flag: string | undefined): Promise<ChosenKey> {
  const variable = context.env['SHEAF_SIGNING_KEY'];
  if (flag === undefined && variable !== undefined && variable !== '') {
    return { label: 'SHEAF_SIGNING_KEY', key: await readPem(context, variable) };
  }
  const store = openKeyStore(context.paths.config(), (line) => {
    context.ui.warn(line);
  });
  const name = flag ?? (await findOnlyKey(store));
  return { label: name, key: await openWithPassphrase(context, store, name) };
}

async function readPem(context: Context, value: string): Promise<SigningKey> {
  if (value.includes('-----BEGIN')) return signingKeyFromPem(value);
  const path = resolve(context.cwd, value);
  const { size } = await stat(path);
  if (size > MAX_PEM_BYTES)
    throw new CliError('key.invalid', `${path}, named by SHEAF_SIGNING_KEY, is too large for a key`);
  return signingKeyFromPem(await readFile(path, 'utf8'));
}

async function findOnlyKey(store: KeyStore): Promise<string> {
  const keys = await store.list();
  const [first] = keys;
  if (first === undefined) {
    throw new CliError('key.none', 'there is no key to sign with', {
      hint: 'sheaf key generate --name NAME',
    });
  }
  if (keys.length === 1) return first.name;
  throw new CliError('key.choice_needed', `there are ${keys.length} keys to choose from`, {
    evidence: [keys.map((key) => key.name).join(', ')],
    hint: `name one: --key ${first.name}`,
  });
}

async function openWithPassphrase(context: Context, store: KeyStore, name: string): Promise<SigningKey> {
  const variable = context.env['SHEAF_KEY_PASSPHRASE'];
  try {
    return await store.open(name, variable === '' ? undefined : variable);
  } catch (error) {
    if (codeOf(error) !== 'key.passphrase_required') throw error;
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
