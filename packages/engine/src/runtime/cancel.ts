import { setTimeout as sleep } from 'node:timers/promises';
import type { CancelOptions, CancelResult } from '../api.js';
import { nextCommands } from '../core/decide.js';
import type { JournalEvent } from '../core/events.js';
import { applyEvent } from '../core/state.js';
import { EngineError } from '../errors.js';
import type { ProcessRunner } from '../ports.js';
import type { RunRow } from '../stores/sqlite/run-store.js';
import { notFound } from './query.js';
import { readRun, reapRunning } from './journaled.js';
import type { Runtime } from './runtime.js';
import { WATCH_MS } from './request-watch.js';

const PATIENCE_MS = 60_000;

/** Of the runtime what ends runs; it takes nothing that does steps. */
export type CancelDeps = Pick<Runtime, 'store' | 'owner' | 'isAlive'> & {
  readonly runner: Pick<ProcessRunner, 'reap'>;
};

/**
 * Cancels a run: asks the process that drives it, or where that is dead ends what it left and records the end. Throws EngineError
 * `run.not_found`, `run.not_stopped`, `process.stuck`; an AbortError when `signal` is aborted first, whose cause is its reason.
 */
export async function cancelRun(
  runtime: CancelDeps,
  runId: string,
  { kill = false, signal, patienceMs = PATIENCE_MS }: CancelOptions,
): Promise<CancelResult> {
  const found = findRow(runtime, runId);
  if (found.status !== 'running') return { runId, was: 'ended', status: found.status, stopped: [] };
  const was = isOwned(runtime, found) ? 'running' : 'interrupted';
  const stopped = [...readRun(runtime, runId).state.running].map((entry) => entry.path);
  runtime.store.requestCancel(runId, kill ? 'kill' : 'stop');
  const began = performance.now();
  for (;;) {
    const row = findRow(runtime, runId);
    if (row.status !== 'running') return { runId, was, status: row.status, stopped };
    if (!isOwned(runtime, row)) await endInterrupted(runtime, runId);
    else if (performance.now() - began > patienceMs) throw notStopped(row);
    else await sleep(WATCH_MS / 2, undefined, { signal });
  }
}

/**
 * Ends a run whose engine is dead: what still runs of it is ended, and its journal says that it was cancelled. Throws EngineError
 * `run.active` when somebody drives it after all.
 */
export async function endInterrupted(runtime: CancelDeps, runId: string): Promise<void> {
  runtime.store.claim(runId, runtime.owner, runtime.isAlive);
  try {
    const { state, eventCount } = readRun(runtime, runId);
    if (state.end !== undefined) return;
    const events: JournalEvent[] = [];
    const record = (event: JournalEvent): void => {
      applyEvent(state, event);
      events.push(event);
    };
    for (const event of await reapRunning(runtime, runId, state)) record(event);
    if (state.phase === 'running') record({ type: 'run.cancelling' });
    for (const command of nextCommands(state)) if (command.type === 'record') record(command.event);
    await runtime.store.openJournal(runId, eventCount, runtime.owner).append(events, { durable: true });
  } finally {
    runtime.store.release(runId, runtime.owner);
  }
}

function findRow(runtime: CancelDeps, runId: string): RunRow {
  const row = runtime.store.findRun(runId);
  if (row === undefined) throw notFound(runId);
  return row;
}

function isOwned(runtime: CancelDeps, row: RunRow): boolean {
  return row.owner !== undefined && runtime.isAlive(row.owner);
}

function notStopped({ runId, owner }: RunRow): EngineError {
  return new EngineError(
    'run.not_stopped',
    `run ${runId} was asked to stop and goes on (pid ${owner?.pid ?? 0})`,
    { hint: `end it at once: sheaf cancel ${runId} --kill` },
  );
}
