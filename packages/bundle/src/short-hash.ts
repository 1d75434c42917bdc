import { sha256 } from '@noble/hashes/sha2.js';
import { hexOf } from './encoding/bytes.js';

/**
 * The SHA-256 of some short bytes, 32 bytes: in script, also on Node. Loading OpenSSL takes 4 ms, as long as hundreds of these
 * take, and who only looks for a name by its hash needs nothing else of it.
 */
export function sha256OfShort(bytes: Uint8Array): Uint8Array {
  return sha256(bytes);
}

/** The same as 64 lower-case hexadecimal digits. */
export function sha256HexOfShort(bytes: Uint8Array): string {
  return hexOf(sha256(bytes));
}
