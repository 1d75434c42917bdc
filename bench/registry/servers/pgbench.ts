import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sql } from 'kysely';
import { connectDatabase } from '../../../services/registry/src/db/connection.js';
import { findVersion } from '../../lib/machine.js';
import { findProgram } from './debian-program.js';
import { MissingPeer } from './server.js';

export type PgbenchLoad = 'select' | 'insert';

/** What one PostgreSQL can do at most, through the driver that PostgreSQL brings itself. */
export interface Pgbench {
  readonly version: string;
  /** Transactions a second. */
  run(load: PgbenchLoad, clients: number, seconds: number): Promise<number>;
}

const DATABASE = 'pgbench';

/** Prepares tables in a database of their own. `urlOf` names a database of the server. @throws MissingPeer */
export async function preparePgbench(dir: string, urlOf: (database: string) => string): Promise<Pgbench> {
  const command = await findProgram('pgbench');
  if (command === undefined) throw new MissingPeer('pgbench is not installed (Debian: postgresql-contrib)');
  const db = connectDatabase({
    url: urlOf('postgres'),
    maxConnections: 1,
    onConnectionError: () => undefined,
  });
  try {
    await sql`create database ${sql.id(DATABASE)}`.execute(db);
  } finally {
    await db.destroy();
  }
  const { hostname, port, username, password } = new URL(urlOf(DATABASE));
  const pgbench = async (...args: readonly string[]): Promise<string> => {
    const { stdout } = await promisify(execFile)(
      command,
      ['-h', hostname, '-p', port, '-U', username, ...args, DATABASE],
      // Not as an argument, which everybody on the machine can read.
      { env: { ...process.env, PGPASSWORD: decodeURIComponent(password) } },
    );
    return stdout;
  };
  await pgbench('-i', '-q', '-s', '5');
  const script = join(dir, 'insert.sql');
  await writeFile(
    script,
    'insert into pgbench_history (tid, bid, aid, delta, mtime) values (1, 1, 1, 1, now());\n',
  );
  return {
    version: findVersion(command) ?? 'unknown',
    run: async (load, clients, seconds) => {
      const what = load === 'select' ? ['-S', '-M', 'prepared'] : ['-f', script, '-M', 'prepared'];
      const printed = await pgbench('-n', '-c', String(clients), '-j', '1', '-T', String(seconds), ...what);
      return Number(/^tps = ([0-9.]+)/m.exec(printed)?.[1]);
    },
  };
}
