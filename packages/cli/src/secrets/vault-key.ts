import { randomBytes, scrypt } from 'node:crypto';
import type { Context } from '../frame/context.js';
import { CliError, codeOf } from '../frame/errors.js';
import { KeyringError, type Keyring } from '../keys/keyring.js';
import { printable } from '../terminal/escape.js';
import { KEY_BYTES, openVault, type SealedVault, type VaultKdf } from './vault-format.js';

/** A new vault, or how one that is there is opened. */
export interface OpenedVault {
  readonly id: string;
  readonly kdf: VaultKdf;
  readonly key: Uint8Array;
}

export interface VaultKeyDeps {
  readonly env: Context['env'];
  readonly ui: Pick<Context['ui'], 'canAsk' | 'askSecret' | 'say' | 'warn'>;
  /** For keys of vaults; undefined where there is none. */
  readonly keyring: Keyring | undefined;
  /** What a guess at a passphrase costs: N of scrypt. */
  readonly cost?: number;
}

const ATTEMPTS = 3;
/** 128 MiB and about half a second, once for a command. */
const COST = 2 ** 17;
const VARIABLE = 'SHEAF_VAULT_PASSPHRASE';

/**
 * The key of a vault: from the keyring, or from a passphrase, which is `SHEAF_VAULT_PASSPHRASE` or asked for.
 *
 * @throws CliError `vault.passphrase_…`, `vault.key_…`, `vault.damaged`
 */
export async function unlockVault(
  deps: VaultKeyDeps,
  vault: SealedVault,
  path: string,
): Promise<OpenedVault> {
  const { id, kdf } = vault;
  if (kdf.kind === 'keyring') {
    const key = await keyFromKeyring(deps, id);
    openVault(vault, key, path);
    return { id, kdf, key };
  }
  const { env, ui } = deps;
  const given = env[VARIABLE] ?? '';
  if (given === '' && !ui.canAsk) {
    throw new CliError('vault.passphrase_required', 'the vault is protected by a passphrase', {
      hint: [`set ${VARIABLE}, or run this in a terminal`],
      evidence: [path],
    });
  }
  for (let attempt = 1; ; attempt++) {
    const passphrase = given === '' ? await ui.askSecret('passphrase of the vault: ') : given;
    const key = await stretch(passphrase, kdf);
    try {
      openVault(vault, key, path);
      return { id, kdf, key };
    } catch (error) {
      if (codeOf(error) !== 'vault.passphrase_wrong' || given !== '' || attempt === ATTEMPTS) throw error;
      ui.say('that is not it');
    }
  }
}

/** The key of a new vault, kept in the keyring where there is one. @throws CliError `vault.passphrase_…` */
export async function makeVault(deps: VaultKeyDeps): Promise<OpenedVault> {
  const id = randomBytes(8).toString('hex');
  const { keyring, ui } = deps;
  if (keyring === undefined) {
    // Once: the next secret finds the vault.
    ui.say('no keyring is running: secrets go to a vault, which a passphrase protects');
  } else {
    const key = randomBytes(KEY_BYTES);
    try {
      await keyring.put(id, key.toString('base64'));
      return { id, kdf: { kind: 'keyring' }, key };
    } catch (error) {
      if (!(error instanceof KeyringError)) throw error;
      ui.warn(`the keyring cannot be used (${printable(error.message)}): a passphrase protects the vault`);
    }
  }
  const kdf = {
    kind: 'scrypt',
    n: deps.cost ?? COST,
    r: 8,
    p: 1,
    salt: randomBytes(KEY_BYTES).toString('base64'),
  } as const;
  return { id, kdf, key: await stretch(await choosePassphrase(deps), kdf) };
}

async function choosePassphrase({ env, ui }: VaultKeyDeps): Promise<string> {
  const given = env[VARIABLE] ?? '';
  if (given !== '') return given;
  if (!ui.canAsk) {
    throw new CliError(
      'vault.passphrase_required',
      'a new vault needs a passphrase, and there is no terminal to ask on',
      {
        hint: [`set ${VARIABLE}, or run this in a terminal`],
      },
    );
  }
  const first = await ui.askSecret('passphrase for the new vault: ');
  if (first === '') {
    throw new CliError('vault.passphrase_required', 'an empty passphrase protects nothing', {
      hint: 'run the command again; nothing was kept',
    });
  }
  if ((await ui.askSecret('the same again: ')) === first) return first;
  throw new CliError('vault.passphrase_wrong', 'the two passphrases differ', {
    hint: 'run the command again; nothing was kept',
  });
}

async function keyFromKeyring({ keyring }: VaultKeyDeps, id: string): Promise<Uint8Array> {
  const fail = (why: string, cause?: unknown): CliError =>
    new CliError('vault.key_missing', `the keyring does not give the key of the vault: ${why}`, {
      hint: 'unlock the keyring of the session in which the vault was made',
      cause,
    });
  if (keyring === undefined) throw fail('none is running');
  let text: string | undefined;
  try {
    text = await keyring.find(id);
  } catch (error) {
    if (!(error instanceof KeyringError)) throw error;
    throw fail(printable(error.message), error);
  }
  const key = Buffer.from(text ?? '', 'base64');
  if (key.length !== KEY_BYTES) throw fail(text === undefined ? 'it has none' : 'what it has is no key');
  return key;
}

type ScryptKdf = Extract<VaultKdf, { readonly kind: 'scrypt' }>;

function stretch(passphrase: string, { n, r, p, salt }: ScryptKdf): Promise<Uint8Array> {
  if (passphrase.length > 1024) {
    return Promise.reject(
      new CliError('vault.passphrase_wrong', 'a passphrase has 1 to 1024 characters', {
        hint: 'use a shorter one',
      }),
    );
  }
  const options = { N: n, r, p, maxmem: 256 * n * r };
  // Keyboards differ in how they compose accents; the passphrase must not.
  const bytes = Buffer.from(passphrase.normalize('NFKC'));
  return new Promise((resolve, reject) => {
    scrypt(bytes, Buffer.from(salt, 'base64'), KEY_BYTES, options, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}
