import nacl from 'tweetnacl';
import { platform } from '#platform';
import { equalBytes } from '../encoding/equal-bytes.js';
import { BundleError } from '../error.js';
import { PKCS8_PREFIX } from './der.js';
import { findPem } from './pem.js';
import { publicKeyFromRaw } from './public-key.js';
import type { SigningKey } from './types.js';

/** A new key from the system's random source. */
export function generateSigningKey(): SigningKey {
  return signingKeyFromSeed(nacl.sign.keyPair().secretKey.subarray(0, 32));
}

/** The key pair of a 32-byte seed. @throws BundleError `key.invalid` */
export function signingKeyFromSeed(seed: Uint8Array): SigningKey {
  if (seed.length !== 32) throw new BundleError('key.invalid', 'an ed25519 seed has 32 bytes');
  const copy = Uint8Array.from(seed);
  return { publicKey: publicKeyFromRaw(platform.ed25519PublicKey(copy)), seed: copy };
}

/**
 * The key pair of a PKCS#8 private key in PEM, as `openssl genpkey -algorithm ed25519` writes it.
 *
 * @throws BundleError `key.invalid`
 */
export function signingKeyFromPem(pem: string): SigningKey {
  const der = pem.length > 1024 ? undefined : findPem(pem, 'PRIVATE KEY');
  if (
    der?.length !== PKCS8_PREFIX.length + 32 ||
    !equalBytes(der.subarray(0, PKCS8_PREFIX.length), PKCS8_PREFIX)
  ) {
    throw new BundleError('key.invalid', 'the text is not an unencrypted ed25519 private key in pkcs#8 pem', {
      hint: 'make one with openssl genpkey -algorithm ed25519',
    });
  }
  return signingKeyFromSeed(der.subarray(PKCS8_PREFIX.length));
}
