import nacl from 'tweetnacl';
import { platform } from '#platform';
import { encodeBase64 } from '../encoding/base64.js';
import { encodeUtf8, isWellFormed } from '../encoding/bytes.js';
import { equalBytes } from '../encoding/equal-bytes.js';
import { type MemberReader, readMembers } from '../encoding/members.js';
import { parseStrictJson } from '../encoding/strict-json.js';
import { BundleError } from '../error.js';
import { spkiOf } from './public-key.js';
import { signingKeyFromSeed } from './signing-key.js';
import type { SigningKey } from './types.js';

const SCHEMA = 'sheaf.key/1';
const MAX_KEY_FILE_BYTES = 4096;
/** RFC 7914's costs: 128 MiB and about half a second, once per use of the key. */
const COST = { n: 1 << 17, r: 8, p: 1, keyBytes: 32 };
const SALT_BYTES = 32;
const NAME = /^[a-zA-Z0-9](?:[a-zA-Z0-9._-]{0,62}[a-zA-Z0-9])?$/;

/** A key and the name its owner gave it. */
export interface NamedKey {
  readonly name: string;
  readonly key: SigningKey;
}

/**
 * Writes a key as the text of a key file; the caller gives the file mode 0600. With a passphrase the seed is sealed
 * by scrypt (N = 2^17, r = 8, p = 1) and NaCl's secretbox; without one it stands in the clear (`kdf` is `none`).
 *
 * @param options.name 1 to 64 letters, digits, dots, hyphens and underscores
 * @throws BundleError `key.file_invalid` for a name that cannot be one
 */
export async function encodeKeyFile(
  key: SigningKey,
  options: { readonly name: string; readonly passphrase?: string },
): Promise<string> {
  const { name, passphrase } = options;
  if (!NAME.test(name)) {
    throw new BundleError(
      'key.file_invalid',
      'the name of a key is 1 to 64 letters, digits, dots, hyphens, underscores',
    );
  }
  const head = { schema: SCHEMA, name, publicKey: encodeBase64(spkiOf(key.publicKey)) };
  if (passphrase === undefined) {
    return print({ ...head, kdf: 'none', seed: encodeBase64(key.seed) });
  }
  const salt = platform.randomBytes(SALT_BYTES);
  const nonce = platform.randomBytes(nacl.secretbox.nonceLength);
  const box = nacl.secretbox(key.seed, nonce, await stretch(passphrase, salt));
  return print({
    ...head,
    kdf: 'scrypt',
    n: COST.n,
    r: COST.r,
    p: COST.p,
    salt: encodeBase64(salt),
    nonce: encodeBase64(nonce),
    box: encodeBase64(box),
  });
}

/**
 * Reads a key file.
 *
 * @throws BundleError `key.passphrase_required`, `key.passphrase_wrong`, or `key.file_invalid`
 */
export async function decodeKeyFile(text: string, passphrase?: string): Promise<NamedKey> {
  const file = readMembers(
    parseStrictJson(text, MAX_KEY_FILE_BYTES, 'key.file_invalid', 'the key file'),
    'key.file_invalid',
    'the key file',
  );
  if (file.string('schema') !== SCHEMA) file.fail('schema', `is not ${SCHEMA}`);
  const name = file.string('name', NAME);
  const spki = file.base64('publicKey');
  const kdf = file.string('kdf');
  const seed = kdf === 'none' ? readSeed(file) : await openSeed(file, kdf, passphrase);
  if (seed.length !== 32) file.fail('', 'does not hold 32 bytes of key');
  const key = signingKeyFromSeed(seed);
  if (!equalBytes(spki, spkiOf(key.publicKey))) file.fail('publicKey', 'is not that of the private key');
  return { name, key };
}

function readSeed(file: MemberReader): Uint8Array {
  const seed = file.base64('seed');
  file.end();
  return seed;
}

async function openSeed(
  file: MemberReader,
  kdf: string,
  passphrase: string | undefined,
): Promise<Uint8Array> {
  if (kdf !== 'scrypt') file.fail('kdf', 'is neither scrypt nor none');
  // The costs are fixed: a file may neither weaken them nor ask for all of the machine's memory.
  if (file.count('n') !== COST.n || file.count('r') !== COST.r || file.count('p') !== COST.p) {
    file.fail('n, r, p', 'are not the costs that this format fixes');
  }
  const salt = file.base64('salt');
  const nonce = file.base64('nonce');
  const box = file.base64('box');
  file.end();
  if (
    salt.length !== SALT_BYTES ||
    nonce.length !== nacl.secretbox.nonceLength ||
    box.length !== 32 + nacl.secretbox.overheadLength
  ) {
    file.fail('salt, nonce, box', 'are not of the right length');
  }
  if (passphrase === undefined) {
    throw new BundleError('key.passphrase_required', 'the key is protected by a passphrase');
  }
  const seed = nacl.secretbox.open(box, nonce, await stretch(passphrase, salt));
  if (seed === null) throw new BundleError('key.passphrase_wrong', 'the passphrase does not open the key');
  return seed;
}

function stretch(passphrase: string, salt: Uint8Array): Promise<Uint8Array> {
  if (passphrase === '' || passphrase.length > 1024 || !isWellFormed(passphrase)) {
    throw new BundleError('key.passphrase_wrong', 'a passphrase has 1 to 1024 characters');
  }
  // Keyboards differ in how they compose accents; the passphrase must not.
  return platform.scrypt(encodeUtf8(passphrase.normalize('NFKC')), salt, COST);
}

function print(members: Readonly<Record<string, string | number>>): string {
  return `${JSON.stringify(members, undefined, 2)}\n`;
}
