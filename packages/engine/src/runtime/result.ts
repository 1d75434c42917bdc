import type { CacheResult, RunResult, StepResult } from '../api.js';
import type { RunError } from '../core/events.js';
import { findCause } from '../core/finish.js';
import type { RunState } from '../core/run-state.js';
import { isOpen, type ScopeState, type StepState } from '../core/scope.js';

/** The steps of a run as they stand, by their paths: in the plan's order, what a step opened behind it. */
export function stepResults(state: RunState): Readonly<Record<string, StepResult>> {
  const results = Object.create(null) as Record<string, StepResult>;
  const visit = (scope: ScopeState | undefined): void => {
    for (const entry of scope?.steps ?? []) {
      results[entry.path] = stepResult(entry);
      visit(entry.inner);
      visit(entry.after);
    }
  };
  visit(state.root);
  visit(state.catch);
  return results;
}

/** The result of a run that ended. */
export function runResult(state: RunState, runId: string): RunResult {
  const { end } = state;
  if (end === undefined) throw new TypeError(`run ${runId} has not ended`);
  return {
    runId,
    status: end.status,
    outputs: end.outputs,
    steps: stepResults(state),
    ...(end.reason === undefined ? {} : { reason: end.reason }),
    ...errorOf(state),
  };
}

/** What made a run fail, where that was a step. */
export function errorOf(state: RunState): { readonly error?: RunError } {
  if (state.error !== undefined) return { error: state.error };
  return state.end?.status === 'failed' && state.root.failures > 0 ? { error: findCause(state.root) } : {};
}

function stepResult(entry: StepState): StepResult {
  const { outcome, reason } = entry;
  return {
    status: statusOf(entry),
    attempts: entry.attempts,
    ...(outcome?.exitCode === undefined ? {} : { exitCode: outcome.exitCode }),
    ...(outcome === undefined ? {} : { durationMs: outcome.durationMs }),
    ...(reason === undefined ? {} : { reason }),
    ...(entry.reusedFrom === undefined ? {} : { reusedFrom: entry.reusedFrom }),
    ...(entry.cached === undefined ? {} : { cache: cacheResult(entry.cached) }),
  };
}

function cacheResult({ result, why, changed }: NonNullable<StepState['cached']>): CacheResult {
  return { result, why, ...(changed === undefined ? {} : { changed }) };
}

function statusOf(entry: StepState): StepResult['status'] {
  switch (entry.status) {
    case 'ready':
      return entry.reason === undefined && isOpen(entry.scope) ? 'pending' : 'cancelled';
    case 'open':
      return 'running';
    case 'retrying':
      return 'waiting';
    default:
      return entry.status;
  }
}
