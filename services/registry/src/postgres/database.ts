import { realpath } from 'node:fs/promises';
import pg from 'pg';
import { PostgresError } from './errors.js';

const CONNECT_TIMEOUT_MS = 10_000;
const DATABASE_PATTERN = /^[a-z_][a-z0-9_]{0,62}$/;

/** The one role of the embedded server; it owns everything there. */
export const ROLE = 'sheaf';

export interface ServerAddress {
  readonly port: number;
  readonly password: string;
}

/** The connection URL of a database. The password is of characters that need no escape. */
export function databaseUrl(server: ServerAddress, database: string): string {
  return `postgres://${ROLE}:${server.password}@127.0.0.1:${server.port}/${database}`;
}

/** Throws `postgres.name_invalid` unless the text is a plain lower-case SQL name of at most 63 characters. */
export function assertDatabaseName(name: string): void {
  if (DATABASE_PATTERN.test(name)) return;
  throw new PostgresError('postgres.name_invalid', 'the name of the database is not valid', {
    hint: 'use a-z, 0-9 and "_", beginning with a letter, at most 63 characters',
  });
}

/**
 * Creates the database unless it is there. Error: `postgres.start_failed` when the server does not let us in, and
 * `datadir.unusable` when there is none and none may be made.
 */
export async function ensureDatabase(
  server: ServerAddress,
  name: string,
  { mayCreate }: { readonly mayCreate: boolean },
): Promise<void> {
  try {
    await withClient(server, async (client) => {
      const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name]);
      if (rowCount !== 0) return;
      if (!mayCreate) throw lost(name);
      await client.query(`create database ${client.escapeIdentifier(name)}`);
    });
  } catch (error) {
    if (error instanceof PostgresError) throw error;
    const code = sqlState(error);
    if (code === 'duplicate') return;
    if (code === 'password') {
      throw new PostgresError(
        'postgres.password_missing',
        'the server does not take the password kept beside it',
        {
          hint: 'restore postgres-password from a backup of the data directory',
          cause: error,
        },
      );
    }
    throw new PostgresError(
      'postgres.start_failed',
      `cannot create database ${name} on the server that was started`,
      {
        cause: error,
      },
    );
  }
}

function lost(name: string): PostgresError {
  return new PostgresError(
    'datadir.unusable',
    `the server that was started has no database ${name} any more`,
    {
      hint: 'put the data directory back as it was; stop the service before it is moved or restored',
    },
  );
}

/** Whether a server answers to the password, serves this cluster and writes as durably as wanted. */
export async function isUsable(
  server: ServerAddress,
  clusterDir: string,
  durable: boolean,
): Promise<boolean> {
  try {
    return await withClient(server, async (client) => {
      const { rows } = await client.query<{ dir: string; fsync: string }>(
        `select current_setting('data_directory') as dir, current_setting('fsync') as fsync`,
      );
      const row = rows[0];
      if (row === undefined) return false;
      return (
        row.fsync === (durable ? 'on' : 'off') && (await realpath(row.dir)) === (await realpath(clusterDir))
      );
    });
  } catch {
    // Whatever keeps it from answering, the caller starts a server that does.
    return false;
  }
}

async function withClient<T>(server: ServerAddress, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    connectionString: databaseUrl(server, 'postgres'),
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: CONNECT_TIMEOUT_MS,
  });
  // A connection cut between two queries is an event; unheard it would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await use(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** SQLSTATE 42P04 and 23505: somebody else created the database meanwhile; 28P01: wrong password. */
function sqlState(error: unknown): 'duplicate' | 'password' | 'other' {
  const { code } = error as { code?: unknown };
  if (code === '42P04' || code === '23505') return 'duplicate';
  return code === '28P01' ? 'password' : 'other';
}
