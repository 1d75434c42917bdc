import { sha256Hex } from '../digest.js';
import { encodeBase64, findBase64 } from '../encoding/base64.js';
import { concatBytes } from '../encoding/bytes.js';
import { equalBytes } from '../encoding/equal-bytes.js';
import { BundleError } from '../error.js';
import { SPKI_PREFIX } from './der.js';
import { isStrictPoint } from './ed25519.js';
import { findPem } from './pem.js';
import type { KeyId, PublicKey } from './types.js';

/**
 * A public key from its 32 raw bytes.
 *
 * @throws BundleError `key.invalid` for another length, `key.weak` for a small-order or non-canonical key
 */
export function publicKeyFromRaw(raw: Uint8Array): PublicKey {
  if (raw.length !== 32) throw new BundleError('key.invalid', 'an ed25519 public key has 32 bytes');
  if (!isStrictPoint(raw)) {
    throw new BundleError('key.weak', 'the public key is not canonical or of small order', {
      hint: 'anyone could sign for it: make a new key with sheaf key generate',
    });
  }
  const copy = Uint8Array.from(raw);
  return { id: sha256Hex(spkiOfRaw(copy)) as KeyId, raw: copy };
}

/**
 * A public key from its SubjectPublicKeyInfo (RFC 8410), as base64 of the DER or as PEM.
 *
 * @throws BundleError `key.invalid` or `key.weak`
 */
export function publicKeyFromSpki(text: string): PublicKey {
  const der = text.length > 1024 ? undefined : (findPem(text, 'PUBLIC KEY') ?? findBase64(text.trim()));
  if (
    der?.length !== SPKI_PREFIX.length + 32 ||
    !equalBytes(der.subarray(0, SPKI_PREFIX.length), SPKI_PREFIX)
  ) {
    throw new BundleError('key.invalid', 'the text is not an ed25519 public key', {
      hint: 'give base64 of the spki der, or pem, as openssl pkey -pubout prints it',
    });
  }
  return publicKeyFromRaw(der.subarray(SPKI_PREFIX.length));
}

/**
 * A public key as it stands in signed and logged documents: base64 of the SubjectPublicKeyInfo and nothing else, so that
 * one key has one spelling.
 *
 * @throws BundleError `key.invalid` or `key.weak`
 */
export function publicKeyFromMember(text: string): PublicKey {
  const key = publicKeyFromSpki(text);
  if (encodeBase64(spkiOf(key)) !== text) {
    throw new BundleError('key.invalid', 'the public key is not written as base64 of its spki', {
      hint: 'give what openssl pkey -pubout -outform DER | base64 -w0 prints',
    });
  }
  return key;
}

/** The key's SubjectPublicKeyInfo, 44 bytes of DER. */
export function spkiOf(key: PublicKey): Uint8Array {
  return spkiOfRaw(key.raw);
}

function spkiOfRaw(raw: Uint8Array): Uint8Array {
  return concatBytes([SPKI_PREFIX, raw]);
}
