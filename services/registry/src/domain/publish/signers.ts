import type { SigningKeyRow } from '../../db/key-queries.js';
import { RegistryError } from '../error.js';

/** Refuses when none of the keys may sign. @throws RegistryError `key.unauthorised`, `key.revoked` */
export function assertActive(keys: readonly SigningKeyRow[]): void {
  if (keys.some((k) => !k.is_revoked)) return;
  if (keys.length > 0) assertAllActive(keys);
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

/** Refuses when fewer keys have signed than the namespace asks for. @throws RegistryError `key.threshold` */
export function assertThreshold(keys: readonly SigningKeyRow[], signed: number): void {
  const threshold = Math.max(1, ...keys.map((k) => k.threshold));
  if (signed >= threshold) return;
  throw new RegistryError('key.threshold', `${signed} of ${threshold} required active keys have signed`);
}
