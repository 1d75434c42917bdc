import { createCipheriv, createDecipheriv, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import { CliError } from '../frame/errors.js';
import { isTable, membersOfEntry, readEntry, type SecretEntry } from './secret-entry.js';

/** How the key of a vault is had: made from a passphrase (RFC 7914), or kept in the keyring of the system. */
export type VaultKdf =
  | { readonly kind: 'keyring' }
  | {
      readonly kind: 'scrypt';
      readonly n: number;
      readonly r: number;
      readonly p: number;
      readonly salt: string;
    };

/** What of a vault can be read without its key. It is authenticated with what is sealed. */
export interface VaultHead {
  /** Of this vault, given once; names its key in the keyring. */
  readonly id: string;
  readonly kdf: VaultKdf;
  /** Tells the right key from a wrong one: 16 bytes that are derived from it. */
  readonly check: string;
  readonly secrets: readonly SecretEntry[];
}

/** A vault as its file has it. */
export interface SealedVault extends VaultHead {
  readonly nonce: string;
  readonly box: string;
}

export const VAULT_SCHEMA = 'sheaf.vault/1';
export const KEY_BYTES = 32;
export const MAX_VAULT_BYTES = 4 * 1024 * 1024;
export const MAX_VAULT_SECRETS = 1_000;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const CHECK_BYTES = 16;
const CIPHER = 'aes-256-gcm';
/** Costs that a file may ask for: neither a guess for free nor all of the machine's memory (128 × N × r bytes). */
const SCRYPT = { least: 2 ** 15, most: 2 ** 18, r: 8, mostP: 4 };

/** The text of a file with these values, in the order of the head's secrets, sealed by a key. */
export function sealVault(
  head: Omit<VaultHead, 'check'>,
  values: readonly string[],
  key: Uint8Array,
): string {
  const nonce = randomBytes(NONCE_BYTES);
  const whole: VaultHead = { ...head, check: derive(key, 'check', CHECK_BYTES).toString('base64') };
  const cipher = createCipheriv(CIPHER, derive(key, 'box', KEY_BYTES), nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(JSON.stringify(membersOf(whole))));
  const sealed = Buffer.concat([
    cipher.update(JSON.stringify(values), 'utf8'),
    cipher.final(),
    cipher.getAuthTag(),
  ]);
  return render({ ...whole, nonce: nonce.toString('base64'), box: sealed.toString('base64') });
}

/**
 * The values of a vault, in the order of its secrets.
 *
 * @throws CliError `vault.passphrase_wrong` or `vault.key_wrong` for another key, `vault.damaged` when anything was changed
 */
export function openVault(vault: SealedVault, key: Uint8Array, path: string): readonly string[] {
  if (!timingSafeEqual(derive(key, 'check', CHECK_BYTES), Buffer.from(vault.check, 'base64'))) {
    throw vault.kdf.kind === 'scrypt'
      ? new CliError('vault.passphrase_wrong', 'the passphrase does not open the vault', {
          hint: 'try again, or correct SHEAF_VAULT_PASSPHRASE where that is set',
          evidence: [path],
        })
      : new CliError('vault.key_wrong', 'the key in the keyring is not that of the vault', {
          hint: 'restore the vault that belongs to it, or move this one away and set its secrets anew',
          evidence: [path],
        });
  }
  const { nonce, box, ...head } = vault;
  const sealed = Buffer.from(box, 'base64');
  const end = sealed.length - TAG_BYTES;
  let values: unknown;
  try {
    const decipher = createDecipheriv(CIPHER, derive(key, 'box', KEY_BYTES), Buffer.from(nonce, 'base64'), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(Buffer.from(JSON.stringify(membersOf(head))));
    decipher.setAuthTag(sealed.subarray(end));
    const opened = Buffer.concat([decipher.update(sealed.subarray(0, end)), decipher.final()]);
    values = JSON.parse(opened.toString('utf8'));
  } catch {
    // Not why: an error of the parser would quote what was sealed.
    throw damaged(path);
  }
  if (!isTexts(values) || values.length !== vault.secrets.length) throw damaged(path);
  return values;
}

/** Reads the text of a file. Any other writing of the same is refused. @throws CliError `vault.damaged`, `vault.newer` */
export function parseVault(text: string, path: string): SealedVault {
  let vault: SealedVault | undefined;
  try {
    vault = readVault(JSON.parse(text));
  } catch (error) {
    if (error instanceof CliError) throw error;
  }
  if (vault === undefined || render(vault) !== text) throw damaged(path);
  return vault;
}

function readVault(file: unknown): SealedVault | undefined {
  if (!isTable(file)) return undefined;
  const { schema, id, kdf: given, check, secrets, nonce, box } = file;
  if (schema !== VAULT_SCHEMA) {
    if (typeof schema !== 'string' || !/^sheaf\.vault\/\d{1,4}$/.test(schema)) return undefined;
    throw new CliError('vault.newer', `the vault is of a later version: ${schema}`, {
      hint: 'use the newest sheaf: npm install -g @sheaf/cli',
    });
  }
  const kdf = readKdf(given);
  if (kdf === undefined || typeof id !== 'string' || !/^[0-9a-f]{16}$/.test(id)) return undefined;
  if (!isBytes(check, CHECK_BYTES) || !isBytes(nonce, NONCE_BYTES)) return undefined;
  if (!isBytes(box) || Buffer.byteLength(box, 'base64') < TAG_BYTES) return undefined;
  if (!Array.isArray(secrets) || secrets.length > MAX_VAULT_SECRETS) return undefined;
  const entries = secrets.map(readEntry);
  if (!entries.every((entry) => entry !== undefined)) return undefined;
  return { id, kdf, check, secrets: entries, nonce, box };
}

function readKdf(kdf: unknown): VaultKdf | undefined {
  if (!isTable(kdf)) return undefined;
  if (kdf['kind'] === 'keyring') return { kind: 'keyring' };
  const { kind, n, r, p, salt } = kdf;
  if (kind !== 'scrypt' || !isBytes(salt, KEY_BYTES)) return undefined;
  if (typeof n !== 'number' || n < SCRYPT.least || n > SCRYPT.most || !Number.isInteger(Math.log2(n)))
    return undefined;
  if (r !== SCRYPT.r || typeof p !== 'number' || !Number.isInteger(p) || p < 1 || p > SCRYPT.mostP)
    return undefined;
  return { kind, n, r, p, salt };
}

function render({ nonce, box, ...head }: SealedVault): string {
  return `${JSON.stringify({ ...membersOf(head), nonce, box }, null, 2)}\n`;
}

/** In the one order that the file has, and that is authenticated. */
function membersOf({ id, kdf, check, secrets }: VaultHead): object {
  const method =
    kdf.kind === 'keyring'
      ? { kind: kdf.kind }
      : { kind: kdf.kind, n: kdf.n, r: kdf.r, p: kdf.p, salt: kdf.salt };
  return { schema: VAULT_SCHEMA, id, kdf: method, check, secrets: secrets.map(membersOfEntry) };
}

function derive(key: Uint8Array, what: 'box' | 'check', bytes: number): Buffer {
  return Buffer.from(hkdfSync('sha256', key, new Uint8Array(), `${VAULT_SCHEMA} ${what}`, bytes));
}

function damaged(path: string): CliError {
  return new CliError('vault.damaged', 'the vault was changed or damaged, and nothing of it is used', {
    hint: 'restore it from a copy, or move it away and set its secrets anew',
    evidence: [path],
  });
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

/** Base64 in its one writing. */
function isBytes(value: unknown, length?: number): value is string {
  if (typeof value !== 'string') return false;
  const bytes = Buffer.from(value, 'base64');
  return bytes.toString('base64') === value && (length === undefined || bytes.length === length);
}
