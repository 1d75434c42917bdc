import type { Logger } from 'pino';
import type { Config } from '../config.js';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { openObjects as openStore } from '../objects/open.js';
import type { ObjectStore } from '../objects/port.js';
import { StartError } from '../start-error.js';

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

/** As {@link openObjects}, where there is a store: a folder is not made. @throws StartError `object.mismatch` */
export async function openObjectsBeside(
  config: Pick<Config, 'server' | 'objects'>,
  log: Pick<Logger, 'warn'>,
): Promise<ObjectStore> {
  const folder = join(config.server.dataDir, 'blobs');
  if (config.objects.s3 === undefined && !(await isThere(folder)))
    throw new StartError(
      'object.mismatch',
      `the object store is not the one of this database: there is no folder ${folder}`,
      'set SHEAF_S3_* and the data directory as they were when the registry ran last',
    );
  return openObjects(config, log);
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    },
  );
}
