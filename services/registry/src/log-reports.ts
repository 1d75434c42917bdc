import type { Logger } from 'pino';
import { describeError } from './describe-error.js';
import { LogFrozenError } from './domain/log/frozen.js';
import { WitnessFailure } from './domain/log/ask-witness.js';
import type { WitnessReport } from './domain/log/cosigner.js';
import type { LogReport, Logs } from './domain/log/logs.js';
import { PUBLIC_REALM } from './domain/log/realms.js';
import type { Metrics } from './observability/metrics.js';

/** Writes what happens to the transparency logs to the service's own log. */
export function logReporter(log: Logger, metrics: Pick<Metrics, 'batch'>): (report: LogReport) => void {
  return (report) => {
    const { realm } = report;
    switch (report.type) {
      case 'batch_appended':
        metrics.batch(realm === PUBLIC_REALM ? 'public' : 'private', report.leaves, report.ms);
        return;
      case 'frozen':
        log.error(
          { error: describeError(report.error), realm, help: report.error.hint },
          report.error.message,
        );
        return;
      case 'thawed':
        log.warn({ realm }, 'the log goes on: its database holds everything that was signed');
        return;
      case 'copy_missing':
        log.warn(
          { realm, size: report.size },
          'the blob store holds no copy of the newest checkpoint: it is written anew from the database, which is taken for the newest',
        );
        return;
      case 'time_ahead':
        log.error(
          { realm, last_time: new Date(report.lastSeconds * 1000).toISOString() },
          "the log's time is more than an hour ahead of the database's clock: new leaves get it as it is until the clock has come as far",
        );
        return;
      case 'batch_failed':
        log.error(
          { error: describeError(report.error), realm, limit: report.limit },
          'a batch of leaves could not be appended to the log',
        );
        return;
      case 'hook_failed':
        log.error({ error: describeError(report.error), realm }, 'a checkpoint could not be handed on');
        return;
      case 'sweep_failed':
        log.error({ error: describeError(report.error), realm }, 'the log could not be swept');
    }
  };
}

/** Writes what happens to the witnesses of the logs to the service's own log. */
export function witnessReporter(log: Logger): (report: WitnessReport) => void {
  return (report) => {
    const { realm } = report;
    if (report.type === 'recovered') {
      log.info({ realm, witness: report.witness }, 'the witness cosigns again');
      return;
    }
    if (report.type === 'slow' || report.type === 'quick') {
      const { type, witness } = report;
      if (type === 'quick') log.info({ realm, witness }, 'the witness is quick again: publishes wait for it');
      else
        log.warn(
          { realm, witness, median_ms: Math.round(report.medianMs) },
          'the witness takes long: it is asked in the background, and publishes do not wait for it',
        );
      return;
    }
    const error = describeError(report.error);
    if (report.type === 'unsaved') {
      log.error({ realm, error }, 'cosignatures could not be kept');
      return;
    }
    const fields = { realm, witness: report.witness, error };
    // Either the database is not the one that the witness saw, or the witness lies: somebody has to look.
    const isContradiction = report.error instanceof WitnessFailure && report.error.kind === 'contradicted';
    if (isContradiction) log.error(fields, 'a witness contradicts the log');
    else log.warn(fields, 'the witness does not cosign');
  };
}

/** Compares the public log with the copy of its newest checkpoint at start, and copies what a killed process did not. */
export async function checkLog(logs: Logs, log: Logger): Promise<LogFrozenError | undefined> {
  try {
    await logs.get(PUBLIC_REALM).guard.catchUp(Number.MAX_SAFE_INTEGER);
  } catch (error) {
    if (error instanceof LogFrozenError) return error;
    log.error({ error: describeError(error) }, 'the copy of the newest checkpoint could not be checked');
  }
  return undefined;
}
