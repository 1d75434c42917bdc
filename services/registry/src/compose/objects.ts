import type { Logger } from 'pino';
import type { Config } from '../config.js';
import { openObjects as openStore } from '../objects/open.js';
import type { ObjectStore } from '../objects/port.js';

/** The store that blobs are kept in: a bucket when one is configured, else a folder of the data directory. */
export async function openObjects(
  { server, objects }: Pick<Config, 'server' | 'objects'>,
  log: Pick<Logger, 'warn'>,
): Promise<ObjectStore> {
  const store = await openStore({ dataDir: server.dataDir, objects, now: () => Date.now() });
  if (store.createsOnce === false)
    log.warn(
      {
        hint: 'never start a second database beside a running one; see SHEAF_S3_CONDITIONAL in docs/OPERATIONS.md',
      },
      'the object store cannot create without replacing: two databases that write one log at the same moment are not noticed',
    );
  return store;
}
