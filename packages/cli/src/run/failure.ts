import type { Engine, RunResult } from '@sheaf/engine';
import type { Plan } from '@sheaf/workflow';

/** Why a run did not succeed, with the end of what the step wrote. */
export interface RunFailure {
  readonly code: string;
  readonly message: string;
  readonly step?: string;
  readonly lines: readonly string[];
  readonly totalLines: number;
  readonly hint?: string;
}

const SHOWN_LINES = 20;

/** Finds the step that made the run fail. Undefined when it did not. */
export async function describeFailure(
  engine: Engine,
  result: RunResult,
  plan: Plan,
): Promise<RunFailure | undefined> {
  if (result.status !== 'failed') return undefined;
  const failed = plan.steps.find(
    (step) => step.onFailure === 'fail' && result.steps[step.id]?.status === 'failed',
  );
  const step = failed === undefined ? undefined : result.steps[failed.id];
  if (failed === undefined || step === undefined) {
    const { reason } = result;
    return {
      code: 'run.failed',
      message: reason?.message ?? 'the run failed',
      lines: [],
      totalLines: 0,
      ...(reason?.hint === undefined ? {} : { hint: reason.hint }),
    };
  }
  const [log] = await engine.readLog(result.runId, failed.id);
  const lines =
    log === undefined
      ? []
      : Buffer.from(log.bytes)
          .toString('utf8')
          .trimEnd()
          .split('\n')
          .filter((line, index, all) => all.length > 1 || line !== '');
  const exit =
    step.reason?.code === 'step.exit' && step.exitCode !== undefined
      ? `exit ${step.exitCode}`
      : (step.reason?.message ?? 'failed');
  return {
    code: 'step.failed',
    message: `step ${failed.id}, ${exit}, attempt ${step.attempts}, run ${result.runId}`,
    step: failed.id,
    lines: lines.slice(-SHOWN_LINES),
    totalLines: lines.length,
    ...(step.reason?.hint === undefined ? {} : { hint: step.reason.hint }),
  };
}
