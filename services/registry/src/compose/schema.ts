import { migrateToLatest, readSchemaState } from '@sheaf/migrations';
import type { Db } from '../db/connection.js';
import { StartError } from '../start-error.js';

/** `migrate`: bring it up to date; `expect`: refuse one that is behind; `trust`: another process has looked already. */
export type SchemaDuty = 'migrate' | 'expect' | 'trust';

/** @throws StartError `database.unavailable`, `database.schema_behind` */
export async function prepareSchema(db: Db, duty: SchemaDuty): Promise<void> {
  if (duty === 'migrate') await migrateToLatest(db).catch(refuseDatabase);
  if (duty !== 'expect') return;
  const { pending } = await readSchemaState(db).catch(refuseDatabase);
  if (pending.length === 0) return;
  throw new StartError(
    'database.schema_behind',
    `the schema of the database is behind: it lacks ${pending.join(', ')}`,
    'run sheaf-registry migrate with the same DATABASE_URL, then start again',
  );
}

/** @throws StartError `database.unavailable` */
export function refuseDatabase(cause: unknown): never {
  throw new StartError(
    'database.unavailable',
    'the database cannot be prepared',
    'check DATABASE_URL and that its user may create tables and the extension pg_trgm',
    cause,
  );
}
