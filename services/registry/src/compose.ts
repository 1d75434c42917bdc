import { migrateToLatest } from '@sheaf/migrations';
import { createServer, type Server } from 'node:http';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { createApp } from './app.js';
import type { Config } from './config.js';
import { StartError } from './start-error.js';
import { connectDatabase, type Db } from './db/connection.js';
import { describeError } from './describe-error.js';
import { killAt, noFailpoint } from './domain/failpoint.js';
import { createGate } from './domain/gate.js';
import type { LogFrozenError } from './domain/log/frozen.js';
import { createCosigner, type Cosigner } from './domain/log/cosigner.js';
import { createLogs, type Logs } from './domain/log/logs.js';
import { checkLog, logReporter, witnessReporter } from './log-reports.js';
import { createUploadBudget } from './domain/publish/upload-budget.js';
import { createRenderedDocuments } from './domain/standing/rendered.js';
import { setUpRegistry } from './domain/setup/setup.js';
import { listen } from './listen.js';
import { loadLogKey } from './log-key.js';
import { openFilesystemStore } from './objects/filesystem.js';
import { lockDataDir } from './postgres/datadir-lock.js';
import { startEmbeddedPostgres } from './postgres/embedded.js';
import { writeSecretFile } from './secret-file.js';
import { submitCheckpoint } from './witness/submit.js';

/** A connection on which nothing moves for so long is ended, also when it is the reader who does not read. */
const IDLE_TIMEOUT_MS = 60_000;
const SWEEP_INTERVAL_MS = 2_000;
const DRAIN_TIMEOUT_MS = 10_000;

export interface RunningRegistry {
  readonly url: string;
  readonly origin: string;
  /** Set when this start made the owner's token: the file that holds it. */
  readonly newOwnerTokenFile: string | undefined;
  /** Set when nothing can be published until the operator has put the right database back; reads are served. */
  readonly frozenLog: LogFrozenError | undefined;
  /** Stops taking requests, lets those in progress end, then stops everything it started. */
  stop(): Promise<void>;
}

/**
 * Builds the whole service from its configuration and starts it: the only place that sees every part.
 * What was started before a failure is stopped again.
 *
 * @throws StartError, PostgresError and others with `code` and `hint`
 */
export async function startRegistry(config: Config, log: Logger): Promise<RunningRegistry> {
  const closers: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  const now = () => Date.now();
  try {
    const db = await openDatabase(config, log, closers);
    const objects = await openFilesystemStore({ dir: join(config.dataDir, 'blobs'), now });
    let newOwnerTokenFile: string | undefined;
    const identity = await setUpRegistry({
      db,
      configuredOrigin: config.origin,
      loadLogKey: (isNew) => loadLogKey(config.dataDir, config.logSigningKey, isNew),
      keepOwnerToken: async (token) => {
        newOwnerTokenFile = join(config.dataDir, 'admin-token');
        await writeSecretFile(newOwnerTokenFile, `${token}\n`);
      },
    });
    const failpoint =
      config.failpoint === undefined
        ? noFailpoint
        : killAt(config.failpoint, () => process.kill(process.pid, 'SIGKILL'));
    const cosigner = createCosigner({
      db,
      witnesses: config.witnesses,
      realms: config.witnessRealms,
      submit: submitCheckpoint,
      now,
      deadlineMs: config.witnessTimeoutMs,
      report: witnessReporter(log),
    });
    const logs = createLogs({
      db,
      objects,
      signer: identity,
      now,
      failpoint,
      afterAppend: [(signed) => cosigner.afterAppend(signed)],
      noteOpenForMs: (realm) => cosigner.openForMs(realm),
      report: logReporter(log),
    });
    const frozenLog = await checkLog(logs, log);
    await sweepOnce(logs, log);
    closers.push(sweepRegularly(logs, log));
    if (config.witnesses.length > 0) closers.push(tendRegularly(cosigner));
    const app = createApp({
      db,
      objects,
      logs,
      uploads: createUploadBudget(config.uploadBudgetBytes),
      rendered: createRenderedDocuments(),
      searches: createGate({
        capacity: Math.ceil(config.databaseConnections / 2),
        maxWaiting: 100,
        what: 'searches',
      }),
      origin: identity.origin,
      witnesses: config.witnesses.map(({ verifier }) => verifier.text),
      now,
      log,
      failpoint,
    });
    const handle = app.callback();
    const server = createServer(
      { maxHeaderSize: 16 * 1024, requestTimeout: 120_000, headersTimeout: 15_000 },
      (request, response) => void handle(request, response),
    );
    server.setTimeout(IDLE_TIMEOUT_MS);
    const url = await listen(server, { ...config, flag: '--port' });
    closers.push(() => drain(server));
    return { url, origin: identity.origin, newOwnerTokenFile, frozenLog, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function openDatabase(config: Config, log: Logger, closers: (() => Promise<void>)[]): Promise<Db> {
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
  let url = config.databaseUrl;
  if (url === undefined) {
    const lock = await lockDataDir(config.dataDir);
    closers.push(() => lock.release());
    const postgres = await startEmbeddedPostgres({ dataDir: config.dataDir });
    closers.push(() => postgres.stop());
    url = postgres.url;
  }
  const db = connectDatabase({
    url,
    maxConnections: config.databaseConnections,
    onConnectionError: (error) => {
      log.warn({ error: describeError(error) }, 'a database connection broke');
    },
  });
  closers.push(() => db.destroy());
  await migrateToLatest(db).catch((cause: unknown) => {
    throw new StartError(
      'database.unavailable',
      'the database cannot be prepared',
      'check DATABASE_URL and that its user may create tables and the extension pg_trgm',
      cause,
    );
  });
  return db;
}

function sweepRegularly(logs: Logs, log: Logger): () => Promise<void> {
  let sweeping: Promise<void> | undefined;
  const timer = setInterval(() => {
    // One at a time, however many logs there are and however long they take.
    sweeping ??= sweepOnce(logs, log).finally(() => {
      sweeping = undefined;
    });
  }, SWEEP_INTERVAL_MS);
  return async () => {
    clearInterval(timer);
    await sweeping;
  };
}

/** Has what is missing on the newest checkpoint cosigned. */
function tendRegularly(cosigner: Cosigner): () => Promise<void> {
  const timer = setInterval(() => void cosigner.tend(), SWEEP_INTERVAL_MS);
  return () => {
    clearInterval(timer);
    return cosigner.stop();
  };
}

/** A log that cannot move now is no reason not to serve what is there. */
async function sweepOnce(logs: Logs, log: Logger): Promise<void> {
  await logs.sweep().catch((error: unknown) => {
    log.error({ error: describeError(error) }, 'the logs could not be swept');
  });
}

function drain(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => {
      server.closeAllConnections();
    }, DRAIN_TIMEOUT_MS);
    server.close(() => {
      clearTimeout(force);
      resolve();
    });
    server.closeIdleConnections();
  });
}
