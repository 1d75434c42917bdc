import { chown, lstat, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ROLE } from './database.js';
import { PostgresError, toDataDirError } from './errors.js';
import { initCluster, letThrough } from './initdb.js';
import type { PostgresBinaries } from './locate.js';
import { createPassword, findPassword } from './password.js';
import type { RunAs } from './run-as.js';

export interface PrepareOptions {
  readonly dataDir: string;
  readonly clusterDir: string;
  readonly binaries: PostgresBinaries;
  readonly runAs: RunAs;
  readonly durable: boolean;
  readonly signal: AbortSignal | undefined;
  /** That of a cluster which was there before: nothing is made, and another one is refused. */
  readonly knownPassword: string | undefined;
}

/** Makes sure that there is a cluster that we can run, and gives its password. @throws PostgresError */
export async function prepareCluster(options: PrepareOptions): Promise<string> {
  const { dataDir, clusterDir, runAs, knownPassword } = options;
  const passwordFile = join(dataDir, 'postgres-password');
  const kept = await findPassword(passwordFile);
  const isThere = await hasCluster(clusterDir);
  if (knownPassword !== undefined && !isThere) throw replaced(`${clusterDir} holds no database any more`);
  if (knownPassword !== undefined && kept !== knownPassword)
    throw replaced(`${passwordFile} does not hold the password that it held before`);
  if (isThere) {
    if (kept === undefined) {
      throw new PostgresError(
        'postgres.password_missing',
        `${clusterDir} has no password in ${passwordFile}`,
        {
          hint: 'restore the file from a backup of the data directory',
        },
      );
    }
    if (runAs.owner !== undefined) await giveCluster(dataDir, clusterDir, runAs.owner);
    return kept;
  }
  // Kept before the cluster exists: a cluster whose password nobody knows could never be opened.
  const password = kept ?? (await createPassword(passwordFile));
  await initCluster({ ...options, user: ROLE, password });
  return password;
}

/** Only what is surely absent is: a new cluster in place of one that cannot be looked at would hide it. */
async function hasCluster(clusterDir: string): Promise<boolean> {
  const path = join(clusterDir, 'PG_VERSION');
  try {
    await stat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw toDataDirError(`cannot look at ${path}`, error);
  }
}

function replaced(message: string): PostgresError {
  return new PostgresError('datadir.unusable', message, {
    hint: 'put the data directory back as it was; stop the service before it is moved or restored',
  });
}

/** Gives a cluster that root made to the user the server runs as: this machine no longer allows user namespaces. */
async function giveCluster(
  dataDir: string,
  clusterDir: string,
  owner: { readonly uid: number; readonly gid: number },
): Promise<void> {
  await letThrough(dataDir);
  if ((await stat(clusterDir)).uid === owner.uid) return;
  for (const name of await readdir(clusterDir, { recursive: true })) {
    const path = join(clusterDir, name);
    if (!(await lstat(path)).isSymbolicLink()) await chown(path, owner.uid, owner.gid);
  }
  // Last, so that an interrupted walk is begun again.
  await chown(clusterDir, owner.uid, owner.gid);
}
