import { migrateToLatest, readSchemaState, type SchemaState } from '@sheaf/migrations';
import type { Logger } from 'pino';
import { openDatabaseAsIs } from '../compose/database.js';
import { refuseDatabase } from '../compose/schema.js';
import type { Config } from '../config.js';

export interface Migrated extends SchemaState {
  /** What ran now, in order. */
  readonly applied: readonly string[];
}

/**
 * Brings the schema up to date unless it is only to be looked at, and says how it is then.
 *
 * @throws StartError `database.unavailable`, and `registry.not_set_up` where there is no private database to look at
 */
export async function runMigrate(
  config: Config,
  log: Logger,
  { isCheck }: { readonly isCheck: boolean },
): Promise<Migrated> {
  const database = await openDatabaseAsIs(config, log, isCheck ? 'database' : 'nothing');
  const refuse = refuseDatabase(config.database);
  const { db } = database;
  try {
    const applied = isCheck ? [] : await migrateToLatest(db).catch(refuse);
    return { applied, ...(await readSchemaState(db).catch(refuse)) };
  } finally {
    await database.close();
  }
}
