import { BundleError } from '../error.js';
import type { KeyId } from '../keys/types.js';
import { type KeyEphemeralLeaf, MAX_EPHEMERAL_SECONDS } from '../log/leaf/ephemeral.js';
import type { PublishLeaf } from '../log/leaf/publish.js';

/** What of an ephemeral key's leaf decides whether it may sign a publish. */
export type EphemeralGrant = Pick<KeyEphemeralLeaf, 't' | 'exp' | 'name' | 'keyid'>;

/**
 * Holds a publish against the ephemeral key that signed it: one of the workflow that it is bound to, and within its
 * time. Both times are the log's, which never runs backwards, so it takes no clock to check.
 *
 * @throws BundleError `key.unauthorised`, `key.expired`
 */
export function checkEphemeralGrant(
  publish: Pick<PublishLeaf, 'name' | 't'>,
  { t, exp, name, keyid }: EphemeralGrant,
): void {
  if (name !== undefined && name !== publish.name) {
    refuse(`key ${show(keyid)} may publish ${name} only, not ${publish.name}`);
  }
  if (exp - t > MAX_EPHEMERAL_SECONDS) {
    refuse(`key ${show(keyid)} was given more than ${MAX_EPHEMERAL_SECONDS} seconds, so none count`);
  }
  if (publish.t > exp) {
    throw new BundleError(
      'key.expired',
      `the release was logged ${publish.t - exp} seconds after the time of key ${show(keyid)} was over`,
      { hint: 'do not use it; its registry logged what the key could not sign any more' },
    );
  }
}

/**
 * Ephemeral keys count as one signer, however many there are: whoever can get one can get a second.
 *
 * @param count how many of the keys of one publish are ephemeral
 * @throws BundleError `key.unauthorised`
 */
export function checkOneEphemeral(count: number): void {
  if (count > 1) refuse(`${count} ephemeral keys signed one release, and only one can count`);
}

function refuse(problem: string): never {
  throw new BundleError('key.unauthorised', problem, {
    hint: 'do not use it; its registry logged what the key was not allowed to sign',
  });
}

function show(keyid: KeyId): string {
  return keyid.slice(0, 16);
}
