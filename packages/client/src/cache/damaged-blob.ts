import type { Digest } from '@sheaf/bundle';
import { ClientError } from '../errors.js';

/** The error when a bundle in the cache is not what its name says, and nothing can be fetched in its place. */
export function damagedBlob(blob: Digest): ClientError {
  return new ClientError('blob.digest', `the bundle ${blob} in the cache is damaged`, {
    hint: 'fetch the workflow once with a connection: it is replaced then',
  });
}
