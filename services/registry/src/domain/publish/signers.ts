import type { SigningKeyRow } from '../../db/key-queries.js';
import { RegistryError } from '../error.js';

/**
 * Refuses what no active key has signed, by what the signatures say of themselves.
 *
 * @param keys all keys of the namespace
 * @param named the keys that the signatures name
 * @throws RegistryError `key.revoked`, `key.unauthorised`, `signature.invalid`
 */
export function refuseUnsigned(keys: readonly SigningKeyRow[], named: ReadonlySet<string>): never {
  const known = keys.filter((k) => named.has(k.key_id));
  if (known.some((k) => !k.is_revoked)) {
    throw new RegistryError('signature.invalid', 'no signature is valid', {
      errors: [
        {
          code: 'signature.invalid',
          detail: 'no signature is valid',
          hint: 'the content was changed after signing, or was signed with a key that is not authorised',
        },
      ],
    });
  }
  assertAllActive(known);
  throw new RegistryError(
    'key.unauthorised',
    'no signature is by a key that is registered for the namespace',
  );
}

/** Refuses when one of the keys is revoked: a leaf names only keys that are active. @throws RegistryError `key.revoked` */
export function assertAllActive(keys: readonly SigningKeyRow[]): void {
  const revoked = keys.find((k) => k.is_revoked);
  if (!revoked) return;
  throw new RegistryError('key.revoked', `key ${revoked.key_id.slice(0, 16)}, which signed, is revoked`);
}

/** Refuses when a key of a trusted publisher is no more: its time is over, or its publisher was removed. @throws RegistryError `key.unauthorised` */
export function assertAllThere(keys: readonly SigningKeyRow[], signed: number): void {
  if (keys.length === signed) return;
  throw new RegistryError('key.unauthorised', 'a key that signed may not sign any more');
}

/** Refuses when fewer keys have signed than the namespace asks for. @throws RegistryError `key.threshold` */
export function assertThreshold(keys: readonly SigningKeyRow[], signed: number): void {
  const threshold = Math.max(1, ...keys.map((k) => k.threshold));
  if (signed >= threshold) return;
  throw new RegistryError('key.threshold', `${signed} of ${threshold} required active keys have signed`);
}
