import type { ErrorReport } from '../frame/errors.js';
import type { ExitCode } from '../frame/exit-codes.js';
import type { RunSummaryJson, SummaryStepJson } from '../json/run-summary.js';
import type { RunData } from '../run/execute.js';

/** The document that tells of a run, as it stands in a file. */
export type RunSummaryDocument = { readonly schema: 'sheaf.run-summary/1' } & RunSummaryJson;

/** What is told of a run that took place. */
export function summarise(data: RunData, exitCode: ExitCode): RunSummaryDocument {
  const { facts, runId, status, workflow, source, outputs, failure, warnings } = data;
  return {
    schema: 'sheaf.run-summary/1',
    status,
    exitCode,
    runId,
    workflow,
    source,
    ...(facts.provenance === undefined ? {} : { verified: facts.provenance }),
    startedAt: new Date(facts.startedMs).toISOString(),
    finishedAt: new Date(facts.finishedMs).toISOString(),
    durationMs: facts.finishedMs - facts.startedMs,
    steps: Object.keys(data.steps).map((id) => stepOf(data, id)),
    outputs,
    ...(failure === undefined ? {} : { failure }),
    warnings,
  };
}

/** What is told when nothing was run. */
export function summariseRefusal(
  { code, message, evidence, help }: Pick<ErrorReport, 'code' | 'message' | 'evidence' | 'help'>,
  exitCode: ExitCode,
  reference: string,
): RunSummaryDocument {
  return {
    schema: 'sheaf.run-summary/1',
    status: 'not_started',
    exitCode,
    reference,
    steps: [],
    outputs: {},
    error: { code, message, evidence, help },
    warnings: [],
  };
}

function stepOf({ steps, facts }: RunData, id: string): SummaryStepJson {
  const startedMs = facts.stepStartedMs.get(id);
  const { status, attempts, exitCode, durationMs, reason, reusedFrom, cache } = steps[id] ?? {
    status: 'pending',
    attempts: 0,
  };
  return {
    id,
    status,
    attempts,
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(startedMs === undefined ? {} : { startedAt: new Date(startedMs).toISOString() }),
    ...(durationMs === undefined ? {} : { durationMs }),
    ...(reason === undefined ? {} : { reason }),
    ...(reusedFrom === undefined ? {} : { reusedFrom }),
    ...(cache === undefined ? {} : { cache }),
  };
}
