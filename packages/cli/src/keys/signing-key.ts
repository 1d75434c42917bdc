import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { signingKeyFromPem, type SigningKey } from '@sheaf/bundle';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import { openKeyStore, type KeyPlace, type KeyStore } from './key-store.js';
import { openWithPassphrase } from './passphrase.js';
import { isRevokedIn } from './revocations.js';

/** A key ready to sign, and what its owner calls it. */
export interface ChosenKey {
  readonly label: string;
  readonly key: SigningKey;
}

const MAX_PEM_BYTES = 64 * 1024;
/** How the base64 of a PEM text begins: `-----BEGIN`. */
const PEM_BASE64 = 'LS0tLS1CRUdJTi';
/** The 48 bytes of an Ed25519 key in PKCS#8 (RFC 8410). */
const PKCS8_BASE64 = /^MC4CAQAwBQYDK2VwBCIEI[A-Za-z0-9+/]{43}$/;

/**
 * Picks the key to sign with: `--key`, else `SHEAF_SIGNING_KEY` (PEM, its base64, or a file that holds it), else the
 * only key there is that is not known to be revoked where it is to count.
 *
 * @param places the namespaces that are signed for
 * @throws CliError `key.invalid`, `key.none`, `key.choice_needed`, `key.not_found`; BundleError `key.…`
 */
export async function chooseSigningKey(
  context: Context,
  flag: string | undefined,
  places: readonly KeyPlace[] = [],
): Promise<ChosenKey> {
  const variable = context.env['SHEAF_SIGNING_KEY'];
  if (flag === undefined && variable !== undefined && variable !== '') {
    return { label: 'SHEAF_SIGNING_KEY', key: await readVariable(context, variable) };
  }
  const store = openKeyStore(context.paths.config(), (line) => {
    context.ui.warn(line);
  });
  const name = flag ?? (await findOnlyKey(store, places));
  return { label: name, key: await openWithPassphrase(context, store, name) };
}

/**
 * Opens several keys, each once: those that the flags name, else the one that {@link chooseSigningKey} picks.
 *
 * @throws as {@link chooseSigningKey}
 */
export async function chooseSigningKeys(
  context: Context,
  flags: readonly string[],
  places: readonly KeyPlace[] = [],
): Promise<readonly [ChosenKey, ...ChosenKey[]]> {
  const [first, ...rest] = new Set(flags);
  const chosen: [ChosenKey, ...ChosenKey[]] = [await chooseSigningKey(context, first, places)];
  // One after the other, because each may ask for its passphrase.
  for (const name of rest) chosen.push(await chooseSigningKey(context, name));
  return chosen;
}

/** What is wrong with the variable is told without its value, which may be the key itself. */
async function readVariable(context: Context, value: string): Promise<SigningKey> {
  return signingKeyFromPem(findPem(value) ?? (await readPemFile(resolve(context.cwd, value))));
}

/** The PEM that a value is or stands for: PEM itself, the base64 of it, or its body, the base64 of PKCS#8, alone. */
function findPem(value: string): string | undefined {
  if (value.includes('-----BEGIN')) return value;
  const base64 = value.replace(/\s/g, '');
  if (base64.startsWith(PEM_BASE64)) return Buffer.from(base64, 'base64').toString('utf8');
  return PKCS8_BASE64.test(base64)
    ? `-----BEGIN PRIVATE KEY-----\n${base64}\n-----END PRIVATE KEY-----\n`
    : undefined;
}

async function readPemFile(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size <= MAX_PEM_BYTES) return await readFile(path, 'utf8');
  } catch {
    // The error of the system names the path, which is the value: it must not go on, not even as a cause.
  }
  throw new CliError('key.invalid', 'SHEAF_SIGNING_KEY is neither PEM nor a readable file that holds it', {
    hint: 'set it to an ed25519 private key in pkcs#8 pem, its base64, or the path of a file with it',
  });
}

/** Ids of the keys that {@link chooseSigningKeys} could choose, found without any passphrase. */
export async function listOwnKeyIds(context: Context, flags: readonly string[]): Promise<readonly string[]> {
  const variable = context.env['SHEAF_SIGNING_KEY'];
  if (flags.length === 0 && variable !== undefined && variable !== '')
    return [(await readVariable(context, variable)).publicKey.id];
  const keys = await openKeyStore(context.paths.config(), context.ui.warn).list();
  return keys.filter((key) => flags.length === 0 || flags.includes(key.name)).map((key) => key.publicKey.id);
}

async function findOnlyKey(store: KeyStore, places: readonly KeyPlace[]): Promise<string> {
  const all = await store.list();
  const keys = all.filter((key) => !isRevokedIn(key, places));
  const revoked = all.filter((key) => !keys.includes(key)).map(({ name }) => `revoked there: ${name}`);
  const [first] = keys;
  if (first === undefined) {
    throw new CliError('key.none', 'there is no key to sign with', {
      evidence: revoked,
      hint: 'sheaf key generate --name NAME',
    });
  }
  if (keys.length === 1) return first.name;
  throw new CliError('key.choice_needed', `there are ${keys.length} keys to choose from`, {
    evidence: [keys.map((key) => key.name).join(', '), ...revoked],
    hint: [
      `name one: --key ${keys.map(({ name }) => name).join(' or --key ')}`,
      'which of them a namespace takes: sheaf key list --namespace NS',
    ],
  });
}
