import { parseLogVerifier } from '@sheaf/bundle';
import type { Db } from '../../db/connection.js';
import { findMirror } from '../../db/mirror-queries.js';
import { findCopiedLog, findNamedBlob, findStore, keepStore } from '../../db/store-queries.js';
import { blobKey, type ObjectStore } from '../../objects/port.js';
import { StartError } from '../../start-error.js';
import { LogFrozenError } from '../log/frozen.js';
import { openLogCopies } from '../log/log-copies.js';

export interface OwnStoreDeps {
  readonly db: Db;
  readonly objects: ObjectStore;
}

/** Where the id of a store stands in it, created once and never replaced. */
export const STORE_ID_KEY = 'store-id';
const MAX_ID_BYTES = 128;

/**
 * Ties a database to its object store, once, and refuses every other store from then on: in a store that is not its own
 * the copies of the checkpoints are missing, and the log could be signed a second time from an older place.
 *
 * A database that was never tied takes the store that holds what it has written: a copy of its log, or a blob that it
 * names. One that has written nothing takes any. Any number of processes may call this at once.
 *
 * @throws StartError `object.mismatch`; ObjectStoreError
 */
export async function bindStore(deps: OwnStoreDeps): Promise<void> {
  const { db, objects } = deps;
  const known = await findStore(db);
  if (known === undefined) return;
  if (!known.isBound) {
    if (!(await holdsWhatWasWritten(deps))) throw notTheStore(known.id);
    await objects.putIfAbsent(STORE_ID_KEY, Buffer.from(`${known.id}\n`));
    const held = await readStoreId(objects);
    // An empty object is no id of anything.
    if (held === undefined || held === '') throw notTheStore(known.id, held);
    await keepStore(db, held);
  }
  await assertOwnStore(deps);
}

/**
 * Refuses a store that is not the one of the database. A database that was never tied to one is let through.
 *
 * @throws StartError `object.mismatch`; ObjectStoreError
 */
export async function assertOwnStore({ db, objects }: OwnStoreDeps): Promise<void> {
  const known = await findStore(db);
  if (known?.isBound !== true) return;
  const held = await readStoreId(objects);
  if (held !== known.id) throw notTheStore(known.id, held);
}

async function readStoreId(objects: OwnStoreDeps['objects']): Promise<string | undefined> {
  const bytes = await objects.get(STORE_ID_KEY, { maxBytes: MAX_ID_BYTES });
  return bytes && Buffer.from(bytes).toString().trim();
}

async function holdsWhatWasWritten({ db, objects }: OwnStoreDeps): Promise<boolean> {
  // A mirror has no copies: it signs nothing.
  const log = (await findMirror(db)) === undefined ? await findCopiedLog(db) : undefined;
  if (log !== undefined) {
    const { realm, origin, verifier_key } = log;
    const verifier = parseLogVerifier(verifier_key);
    try {
      const copies = openLogCopies({ objects, origin, verifier, folder: `checkpoints/${realm}` });
      return (await copies.read()) !== undefined;
    } catch (error) {
      // The copy of somebody else's log.
      if (error instanceof LogFrozenError) return false;
      throw error;
    }
  }
  const named = await findNamedBlob(db);
  return (
    named === undefined || (await objects.size(blobKey(`sha256:${named.toString('hex')}`))) !== undefined
  );
}

function notTheStore(id: string, held?: string): StartError {
  return new StartError(
    'object.mismatch',
    held === undefined
      ? 'the object store is not the one of this database: it holds no id, or nothing that this database has written'
      : `the object store has the id ${JSON.stringify(held.replace(/[^\x20-\x7e]/g, '?'))}, but this database belongs to the store ${id}`,
    `set SHEAF_S3_* and the data directory as they were when the registry ran last; only if every object of its store was copied to this one, put the text ${id} into the object ${STORE_ID_KEY} here`,
  );
}
