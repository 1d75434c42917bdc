import { join } from 'node:path';
import type { Config } from '../config.js';
import { openFilesystemStore } from '../objects/filesystem.js';
import type { ObjectStore } from '../objects/port.js';

/** The store that blobs are kept in. */
export function openObjects(config: Pick<Config, 'server'>): Promise<ObjectStore> {
  return openFilesystemStore({ dir: join(config.server.dataDir, 'blobs'), now: () => Date.now() });
}
