import type { RunResult, StepResult } from '../api.js';
import type { RunState, StepState } from '../core/state.js';

/** The steps of a run as they stand, in the plan's order. */
export function stepResults(state: RunState): Readonly<Record<string, StepResult>> {
  const results = Object.create(null) as Record<string, StepResult>;
  for (const [id, entry] of state.steps) results[id] = stepResult(entry);
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
  };
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
  };
}

function statusOf(entry: StepState): StepResult['status'] {
  if (entry.status !== 'ready') return entry.status;
  return entry.reason === undefined ? 'pending' : 'cancelled';
}
