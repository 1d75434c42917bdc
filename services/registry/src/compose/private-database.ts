import { join } from 'node:path';
import { createCloseStack, type Closable } from './close-stack.js';

/** A database that is in the data directory. */
export interface PrivateDatabase extends Closable {
  readonly url: string;
}

const DATABASE = 'sheaf';

/** Starts the private database; the data directory is locked meanwhile. @throws PostgresError */
export async function startPrivateDatabase(dataDir: string): Promise<PrivateDatabase> {
  const stack = createCloseStack();
  const [{ lockDataDir }, { startEmbeddedPostgres }] = await Promise.all([
    import('../postgres/datadir-lock.js'),
    import('../postgres/embedded.js'),
  ]);
  try {
    const lock = await lockDataDir(dataDir);
    stack.add({ close: () => lock.release() });
    const postgres = await startEmbeddedPostgres({ dataDir, database: DATABASE });
    stack.add({ close: () => postgres.stop() });
    return { url: postgres.url, close: () => stack.close() };
  } catch (error) {
    await stack.close();
    throw error;
  }
}

/** The private database of a registry that runs on the data directory, else as {@link startPrivateDatabase}. */
export async function sharePrivateDatabase(dataDir: string): Promise<PrivateDatabase> {
  try {
    return await startPrivateDatabase(dataDir);
  } catch (error) {
    const url = isLocked(error) ? await findRunning(dataDir) : undefined;
    if (url === undefined) throw error;
    return { url, close: () => Promise.resolve() };
  }
}

function isLocked(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'datadir.locked';
}

async function findRunning(dataDir: string): Promise<string | undefined> {
  const [{ databaseUrl }, { findPassword }, { findPidFile }] = await Promise.all([
    import('../postgres/database.js'),
    import('../postgres/password.js'),
    import('../postgres/pidfile.js'),
  ]);
  const password = await findPassword(join(dataDir, 'postgres-password'));
  const port = (await findPidFile(join(dataDir, 'postgres')))?.port;
  return password === undefined || port === undefined ? undefined : databaseUrl({ port, password }, DATABASE);
}
