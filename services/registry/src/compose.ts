import { join } from 'node:path';
import type { Logger } from 'pino';
import { createApp } from './app.js';
import { createCloseStack } from './compose/close-stack.js';
import { openDatabase } from './compose/database.js';
import { openHttp } from './compose/http.js';
import { openLogs } from './compose/logs.js';
import { openObjects } from './compose/objects.js';
import type { Config } from './config.js';
import { killAt, noFailpoint } from './domain/failpoint.js';
import { createGate } from './domain/gate.js';
import type { LogFrozenError } from './domain/log/frozen.js';
import { createUploadBudget } from './domain/publish/upload-budget.js';
import { setUpRegistry } from './domain/setup/setup.js';
import { createRenderedDocuments } from './domain/standing/rendered.js';
import { checkLog } from './log-reports.js';
import { loadLogKey } from './log-key.js';
import { noMetrics } from './observability/metrics.js';
import { noTracer } from './observability/tracer.js';
import { noOperations } from './operations.js';
import { writeSecretFile } from './secret-file.js';

/** Memory for uploads in progress. */
const UPLOAD_BUDGET_BYTES = 256 * 1024 * 1024;

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
 * Builds the whole service from its configuration and starts it: the only place that sees every part. Each part is one
 * file of `compose/` that opens and closes something. What was started before a failure is stopped again.
 *
 * @throws StartError, PostgresError and others with `code` and `hint`
 */
export async function startRegistry(config: Config, log: Logger): Promise<RunningRegistry> {
  const stack = createCloseStack();
  const now = () => Date.now();
  const { dataDir, failpoint: failpointName } = config.server;
  try {
    const { db } = stack.add(await openDatabase(config, log));
    const objects = await openObjects(config, log);
    let newOwnerTokenFile: string | undefined;
    const identity = await setUpRegistry({
      db,
      configuredOrigin: config.log.origin,
      loadLogKey: (isNew) => loadLogKey(dataDir, config.log.signingKey, isNew),
      keepOwnerToken: async (token) => {
        newOwnerTokenFile = join(dataDir, 'admin-token');
        await writeSecretFile(newOwnerTokenFile, `${token}\n`);
      },
    });
    const failpoint =
      failpointName === undefined
        ? noFailpoint
        : killAt(failpointName, () => process.kill(process.pid, 'SIGKILL'));
    const opened = stack.add(openLogs(config.log, { db, objects, identity, failpoint, now, log }));
    const frozenLog = await checkLog(opened.logs, log);
    await opened.startSweeping();
    const app = createApp({
      db,
      objects,
      logs: opened.logs,
      uploads: createUploadBudget(UPLOAD_BUDGET_BYTES),
      rendered: createRenderedDocuments(),
      searches: createGate({
        capacity: Math.ceil(config.database.connections / 2),
        maxWaiting: 100,
        what: 'searches',
      }),
      origin: identity.origin,
      witnesses: config.log.witnesses.map(({ verifier }) => verifier.text),
      now,
      log,
      metrics: noMetrics,
      tracer: noTracer,
      operations: noOperations,
      failpoint,
    });
    const handle = app.callback();
    const { url } = stack.add(
      await openHttp(config.server, (request, response) => void handle(request, response)),
    );
    return { url, origin: identity.origin, newOwnerTokenFile, frozenLog, stop: () => stack.close() };
  } catch (error) {
    await stack.close();
    throw error;
  }
}
