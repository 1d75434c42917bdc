import { migrateToLatest, readSchemaState } from '@sheaf/migrations';
import type { Db } from '../db/connection.js';
import { isSetUp } from '../db/setup-queries.js';
import { StartError } from '../start-error.js';

/** `migrate`: bring it up to date; `expect`: refuse one that is behind; `trust`: another process has looked already. */
export type SchemaDuty = 'migrate' | 'expect' | 'trust';

/** Of a database, for those who say what to do about it. */
export interface DatabasePlace {
  /** Whether it is the private one of the data directory. */
  readonly isPrivate: boolean;
}

/** @throws StartError `database.unavailable`, `database.schema_behind` */
export async function prepareSchema(db: Db, duty: SchemaDuty, place: DatabasePlace): Promise<void> {
  if (duty === 'migrate') await migrateToLatest(db).catch(refuseDatabase(place));
  if (duty !== 'expect') return;
  const { pending } = await readSchemaState(db).catch(refuseDatabase(place));
  if (pending.length === 0) return;
  throw new StartError(
    'database.schema_behind',
    `the schema of the database is behind: it lacks ${pending.join(', ')}`,
    `run sheaf-registry migrate with the same ${place.isPrivate ? 'data directory' : 'DATABASE_URL'}, then try again`,
  );
}

/** Refuses a database on which no registry was ever started. @throws StartError `registry.not_set_up`, `database.unavailable` */
export async function assertSetUp(db: Db, place: DatabasePlace): Promise<void> {
  if (await isSetUp(db).catch(refuseDatabase(place))) return;
  throw new StartError(
    'registry.not_set_up',
    'no registry was ever started on this database: it names none',
    `check ${place.isPrivate ? '--data-dir or SHEAF_DATA_DIR' : 'DATABASE_URL'}; sheaf-registry serve begins a new registry`,
  );
}

/** @throws StartError `database.unavailable` */
export function refuseDatabase({ isPrivate }: DatabasePlace): (cause: unknown) => never {
  return (cause) => {
    throw new StartError(
      'database.unavailable',
      'the database cannot be prepared',
      isPrivate
        ? 'see postgres.log in the data directory'
        : 'check DATABASE_URL and that its user may create tables and the extension pg_trgm',
      cause,
    );
  };
}
