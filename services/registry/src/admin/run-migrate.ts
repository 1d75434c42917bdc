import { migrateToLatest, readSchemaState, type SchemaState } from '@sheaf/migrations';
import type { Logger } from 'pino';
import { openDatabaseAsIs } from '../compose/database.js';
import type { Config } from '../config.js';

export interface Migrated extends SchemaState {
  /** What ran now, in order. */
  readonly applied: readonly string[];
}

/** Brings the schema up to date unless it is only to be looked at, and says how it is then. */
export async function runMigrate(
  config: Config,
  log: Logger,
  { isCheck }: { readonly isCheck: boolean },
): Promise<Migrated> {
  const database = await openDatabaseAsIs(config, log);
  const { db } = database;
  try {
    const applied = isCheck ? [] : await migrateToLatest(db);
    return { applied, ...(await readSchemaState(db)) };
  } finally {
    await database.close();
  }
}
