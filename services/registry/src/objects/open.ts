import { join } from 'node:path';
import type { ObjectsConfig } from '../config/objects.js';
import { openFilesystemStore } from './filesystem.js';
import type { ObjectStore } from './port.js';

export interface OpenObjectsOptions {
  readonly objects: ObjectsConfig;
  readonly dataDir: string;
  /** The time in milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Opens the store that the configuration names. The SDK of S3 is loaded only when it is needed.
 *
 * @throws ObjectStoreError `object.unavailable`; StartError for credentials that cannot be read
 */
export async function openObjects({ objects, dataDir, now }: OpenObjectsOptions): Promise<ObjectStore> {
  if (objects.s3 === undefined) return openFilesystemStore({ dir: join(dataDir, 'blobs'), now });
  // The SDK would print prose among the lines of the log on every release of Node that it is about to leave behind.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  const { openS3Store } = await import('./s3/s3-store.js');
  return openS3Store(objects.s3);
}
