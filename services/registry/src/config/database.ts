import { numberOf, secretOf, switchOf, usageError, type Env } from './env.js';

/** The database that everything is kept in. */
export interface DatabaseConfig {
  /** Unset: a private PostgreSQL in the data directory. */
  readonly url: string | undefined;
  /** Whether it is the private one, also where its address is known already. */
  readonly isPrivate: boolean;
  /** Most connections of one process. */
  readonly connections: number;
  /** Whether a start brings the schema up to date; else it refuses one that is behind. */
  readonly isMigrating: boolean;
}

export const DATABASE_USAGE = `\
  DATABASE_URL              PostgreSQL 15 or newer, instead of the private one; or DATABASE_URL_FILE
  SHEAF_DATABASE_CONNECTIONS  connections of one process to the database (default 10)
  SHEAF_MIGRATE             on, or off to refuse a database whose schema is behind (default on)
`;

/** @throws StartError `usage.invalid` */
export function parseDatabaseConfig(env: Env): DatabaseConfig {
  const url = parseDatabaseUrl(secretOf(env, 'DATABASE_URL'));
  return {
    url,
    isPrivate: url === undefined,
    connections: numberOf(env, 'SHEAF_DATABASE_CONNECTIONS', { default: 10, least: 2, most: 500 }),
    isMigrating: switchOf(env, 'SHEAF_MIGRATE', true),
  };
}

/** What is given is never shown: it may hold a password. */
function parseDatabaseUrl(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'postgres:' || url?.protocol === 'postgresql:') return text;
  throw usageError(
    url === undefined
      ? 'DATABASE_URL is not a URL'
      : `DATABASE_URL is a URL of ${JSON.stringify(url.protocol.slice(0, 20))}, and not of PostgreSQL`,
    'use postgres://USER:PASSWORD@HOST:5432/DATABASE, with special characters of the password percent-encoded',
  );
}
