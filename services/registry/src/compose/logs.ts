import type { Logger } from 'pino';
import type { Config } from '../config.js';
import type { Db } from '../db/connection.js';
import { describeError } from '../describe-error.js';
import type { Failpoint } from '../domain/failpoint.js';
import { createCosigner } from '../domain/log/cosigner.js';
import { createLogs, type Logs } from '../domain/log/logs.js';
import { createMirrorLogs, type MirroredLogs } from '../domain/log/mirror-logs.js';
import type { RegistryIdentity } from '../domain/setup/setup.js';
import { logReporter, witnessReporter } from '../log-reports.js';
import type { ObjectStore } from '../objects/port.js';
import { noMetrics, type Metrics } from '../observability/metrics.js';
import type { Closable } from './close-stack.js';
import { startTicking } from './tick.js';

const SWEEP_INTERVAL_MS = 2_000;

export interface LogParts {
  readonly db: Db;
  readonly objects: ObjectStore;
  readonly identity: RegistryIdentity;
  readonly failpoint: Failpoint;
  readonly now: () => number;
  readonly elapsedMs: () => number;
  readonly log: Logger;
  readonly metrics?: Metrics;
}

export interface OpenedLogs extends Closable {
  readonly logs: Logs;
  /** Completes what a killed process left, now and from then on, and has what is missing cosigned. */
  startSweeping(): Promise<void>;
}

/** The logs of a mirror: nothing is ever added to them. */
export function openMirrorLogs(mirrored: MirroredLogs): OpenedLogs {
  return {
    logs: createMirrorLogs(mirrored),
    startSweeping: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

/** The transparency logs and the witnesses that cosign them. */
export function openLogs(config: Config['log'], parts: LogParts): OpenedLogs {
  const { db, objects, identity, failpoint, now, elapsedMs, log } = parts;
  const cosigner = createCosigner({
    db,
    witnesses: config.witnesses,
    realms: config.witnessRealms,
    // Loaded for the first witness that is asked.
    submit: async (...asked) => (await import('../witness/submit.js')).submitCheckpoint(...asked),
    now: elapsedMs,
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
    report: logReporter(log, parts.metrics ?? noMetrics),
  });
  // A log that cannot move now is no reason not to serve what is there.
  const sweep = () =>
    logs.sweep().catch((error: unknown) => {
      log.error({ error: describeError(error) }, 'the logs could not be swept');
    });
  const ticking: Closable[] = [];
  return {
    logs,
    startSweeping: async () => {
      await sweep();
      ticking.push(startTicking(SWEEP_INTERVAL_MS, sweep));
      if (config.witnesses.length > 0) ticking.push(startTicking(SWEEP_INTERVAL_MS, () => cosigner.tend()));
    },
    close: async () => {
      for (const tick of ticking.splice(0)) await tick.close();
      await cosigner.stop();
    },
  };
}
