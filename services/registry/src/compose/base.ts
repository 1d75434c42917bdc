import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { Logger } from 'pino';
import type { Config } from '../config.js';
import type { Failpoint } from '../domain/failpoint.js';
import { findMirror } from '../db/mirror-queries.js';
import type { LogFrozenError } from '../domain/log/frozen.js';
import type { MirroredLogs } from '../domain/log/mirror-logs.js';
import { bindStore } from '../domain/setup/own-store.js';
import { setUpRegistry, type RegistryIdentity } from '../domain/setup/setup.js';
import { loadLogKey } from '../log-key.js';
import { checkLog } from '../log-reports.js';
import type { ObjectStore } from '../objects/port.js';
import { measureObjects } from '../observability/measured-objects.js';
import { writeSecretFile } from '../secret-file.js';
import { createCloseStack, type Closable } from './close-stack.js';
import { openDatabase, type DatabaseOptions, type OpenedDatabase } from './database.js';
import { openFailpoint } from './failpoint.js';
import { openLogs, openMirrorLogs, type LogParts, type OpenedLogs } from './logs.js';
import { openObjects, openObjectsBeside } from './objects.js';
import { openObservability, type Observability } from './observability.js';

/** What every process of the service has, whether it serves requests, does the work that nobody waits for, or both. */
export interface Base extends Closable {
  readonly config: Config;
  readonly log: Logger;
  /** Milliseconds since the epoch, by a clock that may be set. */
  readonly now: () => number;
  /** Milliseconds since some moment, by a clock that nobody sets: how long something took, or counts. */
  readonly elapsedMs: () => number;
  readonly database: OpenedDatabase;
  readonly objects: ObjectStore;
  readonly identity: Pick<RegistryIdentity, 'origin'>;
  /** Whether the database is a mirror of that origin, for reading. */
  readonly isMirror: boolean;
  readonly logs: OpenedLogs;
  readonly observability: Observability;
  readonly failpoint: Failpoint;
  /** Set when this start made the owner's token: the file that holds it. */
  readonly newOwnerTokenFile: string | undefined;
  /** Set when nothing can be published until the operator has put the right database back; reads are served. */
  readonly frozenLog: LogFrozenError | undefined;
}

/** @throws StartError, PostgresError and others with `code` and `hint`; what was opened before is closed again */
export async function openBase(config: Config, log: Logger, options: DatabaseOptions = {}): Promise<Base> {
  const stack = createCloseStack();
  const now = () => Date.now();
  const elapsedMs = () => performance.now();
  try {
    const observability = stack.add(await openObservability(config.observability));
    const database = stack.add(await openDatabase(config, log, options));
    const { db, hotDb, poolUse } = database;
    const { metrics, prometheus } = observability;
    prometheus.onSnapshot(() => {
      const { total, idle, waiting } = poolUse();
      metrics.pool(total, idle, waiting);
    });
    const openStore = options.needs === 'registry' ? openObjectsBeside : openObjects;
    const objects = measureObjects(await openStore(config, log), metrics, elapsedMs);
    const failpoint = openFailpoint(config.server.failpoint);
    const mirror = await findMirror(db);
    const { identity, newOwnerTokenFile, logs } = stack.add(
      mirror === undefined
        ? await openOwn(config, { db, hotDb, objects, failpoint, now, elapsedMs, log, metrics })
        : openMirror(mirror),
    );
    await bindStore({ db, objects });
    const frozenLog = await checkLog(logs.logs, log);
    return {
      config,
      log,
      now,
      elapsedMs,
      database,
      objects,
      identity,
      isMirror: mirror !== undefined,
      logs,
      observability,
      failpoint,
      newOwnerTokenFile,
      frozenLog,
      close: () => stack.close(),
    };
  } catch (error) {
    await stack.close();
    throw error;
  }
}

interface OpenedIdentity extends Closable {
  readonly identity: Pick<RegistryIdentity, 'origin'>;
  readonly newOwnerTokenFile: string | undefined;
  readonly logs: OpenedLogs;
}

/** Gives a new database its identity and its owner, or learns that of an old one, and opens the logs that it signs. */
async function openOwn(
  { server, log }: Config,
  { hotDb, ...parts }: Omit<LogParts, 'identity'> & Pick<OpenedDatabase, 'hotDb'>,
): Promise<OpenedIdentity> {
  let newOwnerTokenFile: string | undefined;
  const identity = await setUpRegistry({
    db: parts.db,
    configuredOrigin: log.origin,
    loadLogKey: (isNew) => loadLogKey(server.dataDir, log.signingKey, isNew),
    keepOwnerToken: async (token) => {
      newOwnerTokenFile = join(server.dataDir, 'admin-token');
      await writeSecretFile(newOwnerTokenFile, `${token}\n`);
    },
  });
  const logs = openLogs(log, { ...parts, db: hotDb, identity });
  return { identity, newOwnerTokenFile, logs, close: () => logs.close() };
}

function openMirror(mirrored: MirroredLogs): OpenedIdentity {
  const logs = openMirrorLogs(mirrored);
  return {
    identity: { origin: mirrored.origin },
    newOwnerTokenFile: undefined,
    logs,
    close: () => logs.close(),
  };
}
