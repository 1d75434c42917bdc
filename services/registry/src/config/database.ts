import { numberOf, secretOf, switchOf, type Env } from './env.js';

/** The database that everything is kept in. */
export interface DatabaseConfig {
  /** Unset: a private PostgreSQL in the data directory. */
  readonly url: string | undefined;
  /** Most connections of one process, and as many again for publishing. */
  readonly connections: number;
  /** Whether a start brings the schema up to date; else it refuses one that is behind. */
  readonly isMigrating: boolean;
}

export const DATABASE_USAGE = `\
  DATABASE_URL              PostgreSQL 15 or newer, instead of the private one; or DATABASE_URL_FILE
  SHEAF_DATABASE_CONNECTIONS  connections of one process to the database, and as many for publishing (default 10)
  SHEAF_MIGRATE             on, or off to refuse a database whose schema is behind (default on)
`;

/** @throws StartError `usage.invalid` */
export function parseDatabaseConfig(env: Env): DatabaseConfig {
  return {
    url: secretOf(env, 'DATABASE_URL'),
    connections: numberOf(env, 'SHEAF_DATABASE_CONNECTIONS', { default: 10, least: 2, most: 500 }),
    isMigrating: switchOf(env, 'SHEAF_MIGRATE', true),
  };
}
